"""A local, stateful stand-in for a Slack workspace, for any bot.

Rules
- It imports nothing of the rest of the project and knows nothing of what the bot is for.
- The Web API behaves as Slack's does: names of errors, scopes, limits, deadlines.
- Nothing but `state` changes what the workspace holds; each change is announced on the feed.
"""
