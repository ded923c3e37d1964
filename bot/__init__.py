"""The policy violation war room."""

__version__ = "0.1.0"
HOME = "https://github.com/policy-war-room/policy-war-room"
