"""How it gets to Slack: channels, messages, and what its answers mean."""
