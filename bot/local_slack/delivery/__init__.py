"""The way from Slack to the bot: commands, interactions and events, over HTTP or a socket.

Rules
- With a socket linked, everything goes to one of the sockets; without one, to the request URL.
- The bot has `ack_seconds` to acknowledge, or the person sees `operation_timeout`.
- Events that are not acknowledged come again; commands and interactions do not.
"""
