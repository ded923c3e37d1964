"""`people.yaml`: who is who. Slack's user id is the identity; the rest only finds people."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from pydantic import Field

from bot.domain.value import Value
from bot.domain.violation import Initiator
from bot.policies.errors import Problem, suggest
from bot.policies.shape import shaped
from bot.policies.yaml_source import Source

SLACK_ID = r"^[UW][A-Z0-9]+$"


class _Entry(Value):
    slack: str = Field(pattern=SLACK_ID)
    email: str | None = None
    github: str | None = None
    team: str | None = None


class _File(Value):
    people: dict[str, object]
    groups: dict[str, list[str]] = {}


class Person(Value):
    """Somebody the configuration knows; `key` is their name in it."""

    key: str
    slack: str
    email: str | None = None
    github: str | None = None
    team: str | None = None


class Directory(Value):
    """Everybody, and the groups they are in, in the order of duty."""

    people: Mapping[str, Person]
    groups: Mapping[str, tuple[str, ...]] = {}

    @cached_property
    def _by(self) -> dict[str, dict[str, Person]]:
        return {
            name: {
                str(value).lower(): person
                for person in self.people.values()
                if (value := getattr(person, name))
            }
            for name in ("slack", "email", "github")
        }

    def by_slack(self, user: str) -> Person | None:
        """The person with this Slack user id."""
        return self._by["slack"].get(user.lower())

    def by_email(self, email: str) -> Person | None:
        """The person with this e-mail address, in whatever case."""
        return self._by["email"].get(email.lower())

    def by_github(self, login: str) -> Person | None:
        """The person with this GitHub login, in whatever case."""
        return self._by["github"].get(login.lower())

    def identify(self, initiator: Initiator) -> Person | None:
        """Who made the change: by Slack id, else by e-mail address, else by GitHub login."""
        found = self.by_slack(initiator.slack) if initiator.slack else None
        found = found or (self.by_email(initiator.email) if initiator.email else None)
        return found or (self.by_github(initiator.github) if initiator.github else None)

    def names(self) -> list[str]:
        """Everything that a role may be given to."""
        return [*self.people, *self.groups]


def directory(source: Source, problems: list[Problem]) -> Directory:
    """The directory of a file; what is wrong goes to `problems`."""
    read = shaped(source, _File, source.data, (), problems)
    if read is None:
        return Directory(people={})
    people: dict[str, Person] = {}
    for key, data in read.people.items():
        entry = shaped(source, _Entry, data, ("people", key), problems)
        if entry:
            people[key] = Person(key=key, **entry.model_dump())
    problems += _twice(source, people.values())
    problems += _groups(source, read)
    return Directory(people=people, groups={name: tuple(of) for name, of in read.groups.items()})


def _twice(source: Source, people: Iterable[Person]) -> Iterable[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for person in people:
        for name in ("slack", "email", "github"):
            value = getattr(person, name)
            if not value:
                continue
            first = seen.setdefault((name, value.lower()), person.key)
            if first != person.key:
                message = f"{name} {value!r} is {first}'s already; each person has their own"
                yield source.problem(("people", person.key, name), message)


def _groups(source: Source, read: _File) -> Iterable[Problem]:
    for name, members in read.groups.items():
        if name in read.people:
            message = f"group {name!r} has a person's name; a role could mean either"
            yield source.problem(("groups", name), message, key=True)
        if not members:
            yield source.problem(("groups", name), f"group {name!r} has nobody in it")
        for number, member in enumerate(members):
            if member not in read.people:
                message = f"unknown person {member!r}.{suggest(member, read.people)}"
                yield source.problem(("groups", name, number), message)
