"""Load the folder `WARROOM_CONFIG`: everything that is wrong with it is said at once.

`people.yaml` and `policies.yaml` are needed; without `sources.yaml` there are no sources.
"""

from pathlib import Path
from types import MappingProxyType

from bot.domain.policy import Policy
from bot.domain.value import Value
from bot.policies import people, policies, sources
from bot.policies.people import UNREADABLE, Directory
from bot.policies.sources import Sections, Sources
from bot.yaml.problems import ConfigError, Place, Problem
from bot.yaml.reader import YamlFile, read


class Config(Value):
    """What the bot knows of policies, people and sources."""

    policies: dict[str, Policy]
    people: Directory
    sources: Sources = Sources()

    @property
    def sources_document(self) -> str:
        """The sources as they are kept, which hold no secret."""
        return self.sources.model_dump_json(exclude_none=True)


def load(folder: Path, sections: Sections = MappingProxyType({})) -> Config:
    """The configuration in `folder`. ConfigError with every problem in it.

    `sections` are the shapes that `sources.yaml` may hold, by the names of their sources.
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
    source = _source(folder / "policies.yaml", problems)
    loaded = policies.policies(source, known, problems) if source else {}
    ids = policies.ids(source) if source else None
    found = Sources()
    if (folder / "sources.yaml").exists():
        source = _source(folder / "sources.yaml", problems)
        found = sources.sources(source, sections, ids, problems) if source else found
    if problems:
        raise ConfigError(problems)
    return Config(policies=loaded, people=known.directory, sources=found)


def _source(path: Path, problems: list[Problem]) -> YamlFile | None:
    try:
        return read(path)
    except ConfigError as error:
        problems += error.problems
        return None
