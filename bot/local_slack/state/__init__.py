"""What the workspace holds, and the only code that changes it.

Rules
- A change that is refused raises a SlackError with Slack's name for it, and changes nothing.
- A change that is made is announced on the feed, once.
- No HTTP here: the Web API and the control API both stand on these operations.
"""
