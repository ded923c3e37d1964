"""Policies, people and sources: YAML in, frozen values out, each error with its place."""
