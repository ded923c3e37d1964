"""The Web API: one table of methods, one file a family, one way to answer.

Rules
- A method is an entry of its family's `METHODS`: name, function, tier, scopes, arguments, errors.
- A function gets a Call and answers a JSON object, or raises a SlackError that its entry declares;
  it never waits.
- An argument that a method does not know is ignored, as Slack does, and noted in the wire log.
"""
