"""The local Slack in a browser: what one person sees, and what they can do there.

Rules
- The server renders; the page's JavaScript puts what it is sent where it belongs, and says through
  the control API what a person does. It decides nothing.
- A person sees here what they would see in Slack: no channel they are not in, nobody else's
  ephemeral message.
- Nothing that comes from the bot or from a person is markup: templates escape, `text` parses.
"""
