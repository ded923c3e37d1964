"""Standard Webhooks: how any pipeline reports a violation."""
