"""`warroom demo`: two violations, played through with a local Slack."""
