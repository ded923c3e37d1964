"""The whole bot on its own port, as the scenarios drive it."""

from tests.scenarios.conftest import local_slack, people, stage

__all__ = ["local_slack", "people", "stage"]
