"""The outbox: effects, claimed under a lease, delivered within a budget, never forgotten."""
