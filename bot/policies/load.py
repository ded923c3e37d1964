"""Load the folder `WARROOM_CONFIG`: everything that is wrong with it is said at once."""

import hashlib
from pathlib import Path

from bot.domain.policy import Policy
from bot.domain.value import Value
from bot.policies import people, policies, sources
from bot.policies.errors import ConfigError, Problem
from bot.policies.people import Directory
from bot.policies.sources import Sources
from bot.policies.yaml_source import Source, read


class Config(Value):
    """What the bot knows of policies, people and sources."""

    policies: dict[str, Policy]
    people: Directory
    sources: Sources = Sources()

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of all policies: one name for one load."""
        content = "\n".join(sorted(policy.digest for policy in self.policies.values()))
        return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def load(folder: Path) -> Config:
    """The configuration in `folder`. ConfigError with every problem in it."""
    problems: list[Problem] = []
    directory = Directory(people={})
    loaded: dict[str, Policy] = {}
    found = Sources()
    source = _source(folder / "people.yaml", problems)
    if source:
        directory = people.directory(source, problems)
    # Where people.yaml can't be read, every role would look unknown: one error is enough.
    known = not problems
    source = _source(folder / "policies.yaml", problems)
    if source and known:
        loaded = policies.policies(source, directory, problems)
    if (folder / "sources.yaml").exists() and not problems:
        source = _source(folder / "sources.yaml", problems)
        if source:
            found = sources.sources(source, loaded, problems)
    if problems:
        raise ConfigError(problems)
    return Config(policies=loaded, people=directory, sources=found)


def _source(path: Path, problems: list[Problem]) -> Source | None:
    try:
        return read(path)
    except ConfigError as error:
        problems += error.problems
        return None
