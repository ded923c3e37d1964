"""`people.yaml`: who is who. Slack's user id is the identity; the rest only finds people.

Rules
- No two people share a Slack id, an e-mail address or a GitHub login.
- A group doesn't have a person's name: a role could mean either.
- A group's members stand in the order of duty.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from pydantic import Field, RootModel

from bot.domain.value import Value
from bot.domain.violation import Initiator, Report
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import Source
from bot.yaml.shape import shaped

SLACK_ID = r"^[UW][A-Z0-9]+$"
IDENTITIES = ("slack", "email", "github")


class _Entry(Value):
    slack: str = Field(
        pattern=SLACK_ID,
        description="a Slack user id such as U0ADA (profile → ⋮ → Copy member ID)",
    )
    email: str | None = Field(
        default=None, pattern=r"^[^@\s]+@[^@\s]+$", description="an e-mail address"
    )
    github: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="a GitHub login without @"
    )
    team: str | None = Field(default=None, min_length=1, description="a team's name, in quotes")


class _Group(RootModel[list[str]]):
    pass


class _File(Value):
    people: dict[str, object] = Field(min_length=1, description="at least one person")
    groups: dict[str, object] = {}


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
            for name in IDENTITIES
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

    def attributed(self, report: Report) -> tuple[Report, str | None]:
        """`report` with its initiator's team, unless it names one, and their Slack id if known."""
        person = self.identify(report.initiator)
        if person:
            return report.model_copy(update={"team": report.team or person.team}), person.slack
        given = report.initiator.slack
        return report, given if given and re.match(SLACK_ID, given) else None

    def users(self, name: str) -> tuple[str, ...] | None:
        """The Slack ids behind a person's or a group's name; None where there is no such name."""
        if name in self.people:
            return (self.people[name].slack,)
        members = self.groups.get(name)
        return None if members is None else tuple(self.people[key].slack for key in members)

    def names(self) -> list[str]:
        """Everything that a role may be given to."""
        return [*self.people, *self.groups]


class Read(Value):
    """What could be read of the file, and the names whose own problems are already reported."""

    directory: Directory = Directory(people={})
    broken: frozenset[str] = frozenset()
    whole: bool = True

    def excuses(self, name: str) -> bool:
        """Whether `name` is unknown only because of a problem that is already reported."""
        return not self.whole or name in self.broken


UNREADABLE = Read(whole=False)


def directory(source: Source, problems: list[Problem]) -> Read:
    """The directory of a file; what is wrong goes to `problems`."""
    file = shaped(source, _File, source.data, (), problems)
    if file is None:
        return UNREADABLE
    people: dict[str, Person] = {}
    for key, data in file.people.items():
        entry = shaped(source, _Entry, data, ("people", key), problems)
        if entry:
            people[key] = Person(key=key, **entry.model_dump())
    problems += _twice(source, people.values())
    groups: dict[str, tuple[str, ...]] = {}
    for name, data in file.groups.items():
        found = list(_group_problems(source, file, name))
        group = shaped(source, _Group, data, ("groups", name), found)
        problems += found
        if group and not found and all(key in people for key in group.root):
            groups[name] = tuple(dict.fromkeys(group.root))
    broken = frozenset({*file.people, *file.groups} - {*people, *groups})
    return Read(directory=Directory(people=people, groups=groups), broken=broken)


def _twice(source: Source, people: Iterable[Person]) -> Iterable[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for person in people:
        for name in IDENTITIES:
            value = getattr(person, name)
            if not value:
                continue
            first = seen.setdefault((name, value.lower()), person.key)
            if first != person.key:
                message = f"{name}: found {value!r}, which is {first}'s, need each person's own"
                yield source.problem(("people", person.key, name), message)


def _group_problems(source: Source, file: _File, name: str) -> Iterable[Problem]:
    if name in file.people:
        message = f"found the group {name!r}, which is a person's name, need one of its own"
        yield source.problem(("groups", name), message, key=True)
    members = file.groups[name]
    if members == []:
        message = f"found nobody in the group {name!r}, need at least one person"
        yield source.problem(("groups", name), message)
    for number, member in enumerate(members if isinstance(members, list) else ()):
        if isinstance(member, str) and member not in file.people:
            message = f"found the unknown person {member!r}, {instead(member, file.people)}"
            yield source.problem(("groups", name, number), message)
