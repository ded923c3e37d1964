"""GitHub: failed workflows and checks."""
