"""Handle a command, run the clock, deliver effects."""
