"""Slack's own clients against the local Slack: `make official` runs these, `make test` does not."""
