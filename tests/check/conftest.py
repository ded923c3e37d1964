from tests.check.declared import project
from tests.scenarios.conftest import local_slack, people, stage

__all__ = ["local_slack", "people", "project", "stage"]
