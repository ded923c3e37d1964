"""Strict YAML: what is written means one thing, and each mistake is shown in its place."""
