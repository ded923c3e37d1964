"""The Web API: one table of methods, one file a family, one way to answer.

Rules
- A method is an entry of its family's `METHODS`: name, tier, scopes, required arguments, function.
- A function gets a Call and answers a JSON object, or raises a SlackError; it never waits.
"""
