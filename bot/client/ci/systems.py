"""The systems that we know, a line each."""

from bot.client.ci import checkout, github, gitlab, jenkins
from bot.client.ci.system import Environment, Output, Run, System

SYSTEMS = (github.SYSTEM, gitlab.SYSTEM, jenkins.SYSTEM)
OUTPUTS: dict[str, Output] = {each.name: each for each in (github.OUTPUT, gitlab.OUTPUT)}


def around(environment: Environment) -> System | None:
    """The CI that runs us; None where none does that we know."""
    return next((each for each in SYSTEMS if each.runs(environment)), None)


def run(environment: Environment) -> Run:
    """What the CI says of this run; where none runs us, what git says of this folder."""
    system = around(environment)
    return system.read(environment) if system else checkout.read()
