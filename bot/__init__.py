"""The policy violation war room."""

__version__ = "0.1.0"
