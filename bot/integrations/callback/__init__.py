"""Callbacks: the verdict, posted to where a violation came from."""
