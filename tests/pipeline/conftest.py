"""The web over a real engine, as the tests of the intake drive it."""

from tests.sources.conftest import pipeline

__all__ = ["pipeline"]
