"""Slack: what people do there, what they see, and how it gets there."""
