"""Figures of the bot itself, for Prometheus: a process's own, and those that the database has."""
