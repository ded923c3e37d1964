"""The view in Slack: what people see, what they do there, and the delivery of effects."""
