"""Guardrails as code: what training code says it is for, beside what it does. Nothing is run."""
