"""Load the folder `WARROOM_CONFIG`: everything that is wrong with it is said at once.

`people.yaml` and `policies.yaml` are needed; without `sources.yaml` there are no sources.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from bot.domain.policy import Policy
from bot.domain.value import Value
from bot.policies import people, policies, sources
from bot.policies.people import UNREADABLE, Directory
from bot.policies.policies import HIGH, Policies
from bot.policies.sources import Sections, Sources
from bot.yaml.problems import ConfigError, Place, Problem
from bot.yaml.reader import YamlFile, read

POLICIES = "policies.yaml"


class Config(Value):
    """What the bot knows of policies, people and sources."""

    policies: dict[str, Policy]
    people: Directory
    sources: Sources = Sources()
    high_risk: tuple[str, ...] = ()
    retention: dict[str, timedelta] = {}

    @property
    def risk_classes(self) -> dict[str, str]:
        """The risk class of each policy that has one, by the policy's id."""
        known = self.policies.values()
        return {policy.id: policy.risk_class for policy in known if policy.risk_class}

    @property
    def by_risk(self) -> dict[str, frozenset[str]]:
        """The ids of the policies of each risk class; and, by the word `high`, of all high ones.

        Where a class of policies is called so itself, the word means that class alone.
        """
        classes = self.risk_classes
        found = {HIGH: self.high_risk} if self.high_risk else {}
        found |= {name: (name,) for name in classes.values()}
        return {
            word: frozenset(policy for policy, name in classes.items() if name in meant)
            for word, meant in found.items()
        }

    @property
    def kept_for(self) -> dict[str, timedelta]:
        """How long after a decision personal values are kept, by policy; without one: for good.

        A class that has no period of its own has that of `high`, where it is a high one.
        """
        found = {}
        for policy, name in self.risk_classes.items():
            high = self.retention.get(HIGH) if name in self.high_risk else None
            kept = self.retention.get(name, high)
            if kept is not None:
                found[policy] = kept
        return found

    @property
    def sources_document(self) -> str:
        """The sources as they are kept, which hold no secret."""
        return self.sources.model_dump_json(exclude_none=True)


def load(
    folder: Path, sections: Sections = MappingProxyType({}), now: datetime | None = None
) -> Config:
    """The configuration in `folder` as of `now`. ConfigError with every problem in it.

    `sections` are the shapes that `sources.yaml` may hold, by the names of their sources. Without a
    time it is loaded now, by the machine's clock: a rule may end at most so far ahead of it.
    """
    if not folder.is_dir():
        message = (
            "found no such folder, need one with people.yaml and policies.yaml; "
            "WARROOM_CONFIG names it"
        )
        raise ConfigError([Problem(Place(str(folder)), message)])
    problems: list[Problem] = []
    source = _source(folder / "people.yaml", problems)
    known = people.directory(source, folder, problems) if source else UNREADABLE
    source = _source(folder / POLICIES, problems)
    now = now or datetime.now(UTC)
    loaded = policies.policies(source, known, now, problems) if source else Policies({})
    ids = policies.ids(source) if source else None
    found = Sources()
    if (folder / "sources.yaml").exists():
        source = _source(folder / "sources.yaml", problems)
        found = sources.sources(source, sections, ids, problems) if source else found
    if problems:
        files = list(dict.fromkeys(problem.place.file for problem in problems))
        raise ConfigError(sorted(problems, key=lambda problem: _order(problem.place, files)))
    return Config(
        policies=loaded.by_id,
        people=known.directory,
        sources=found,
        high_risk=loaded.high_risk,
        retention=loaded.retention,
    )


def _order(place: Place, files: list[str]) -> tuple[int, int, int]:
    return files.index(place.file), place.line, place.column


def _source(path: Path, problems: list[Problem]) -> YamlFile | None:
    try:
        return read(path)
    except ConfigError as error:
        problems += error.problems
        return None
