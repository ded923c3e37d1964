"""What people do: click, command, fill in modals, open the home tab, talk.

Rules
- A person can only do what Slack would let them: see the channel, see the button, be active.
- Each act answers what the bot answered and how long it took.
"""
