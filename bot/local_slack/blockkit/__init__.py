"""Whether blocks and views are what Slack accepts.

Rules
- A rule looks at a value and adds what is wrong with it, with the place, to a list of problems.
- What no rule allows is refused: an unknown type, an unknown field, a field that is missing.
- Problems are worded and placed as Slack does: `[ERROR] … [json-pointer:/blocks/2/text/text]`.
"""
