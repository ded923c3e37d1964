"""`people.yaml`: who is who. An account identifies a person; the name is theirs in every record.

Rules
- No two people share an account: a Slack id, an e-mail address or a GitHub login.
- Who has several of a kind lists them; the first is the one that is used.
- Service accounts (`bots`) stand for nobody, and are no person's.
- A group doesn't have a person's name: a role could mean either.
- A group's members stand in the order of duty.
- Where more people come from, `import` says (see `imports`); it gives nobody a role.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, RootModel, StringConstraints
from pydantic_core import PydanticCustomError

from bot.domain import identity
from bot.domain.identity import Identity
from bot.domain.makers import Attributed
from bot.domain.person import (
    SERVICE,
    SLACK,
    SYSTEMS,
    Actor,
    Person,
    account,
    unnamed,
)
from bot.domain.value import Value
from bot.domain.violation import Report
from bot.policies.imports import Import, imports
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import KeyPath, YamlFile
from bot.yaml.shape import OneOrList, shaped

SLACK_ID = r"^[UW][A-Z0-9]+$"


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    # Not by a length, which counts what is valid: one wrong account would be two problems.
    if not value:
        raise PydanticCustomError("empty", "at least one is needed")
    return value


_SlackId = Annotated[str, StringConstraints(pattern=SLACK_ID)]
_Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
_Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class PersonEntry(Value):
    """A person: the accounts by which they are known, and their team."""

    slack: Annotated[tuple[_SlackId, ...], OneOrList, AfterValidator(_some)] = Field(
        description="a Slack user id such as U0ADA (profile → ⋮ → Copy member ID)",
    )
    email: Annotated[tuple[_Email, ...], OneOrList] = Field(
        default=(), description="an e-mail address"
    )
    github: Annotated[tuple[_Login, ...], OneOrList] = Field(
        default=(), description="a GitHub login without @"
    )
    team: str | None = Field(default=None, min_length=1, description="a team's name, in quotes")

    def person(self, name: str) -> Person:
        """Who this entry names."""
        accounts = [
            identity.account_of(system, text)
            for system in SYSTEMS
            for text in getattr(self, system)
        ]
        return Person(name=name, accounts=tuple(dict.fromkeys(accounts)), team=self.team)


class GroupEntry(RootModel[list[str]]):
    """The people of a group, in the order of duty."""

    model_config = ConfigDict(json_schema_extra={"minItems": 1})


_Bot = Annotated[str, StringConstraints(min_length=1, max_length=identity.MOST)]


class PeopleFile(Value):
    """The file; each person and each group is looked at by itself."""

    people: dict[str, object] = Field(min_length=1, description="at least one person")
    groups: dict[str, object] = {}
    bots: Annotated[tuple[_Bot, ...], OneOrList] = Field(
        default=(), description="logins, addresses or Slack ids of service accounts"
    )
    imports: list[object] = Field(
        default=[],
        alias="import",
        description="a list with `csv: FILE`, `command: […]` or `slack: {…}` in each entry",
    )


class Directory(Value):
    """Everybody by name, the groups they are in, in the order of duty, and who is nobody.

    `claims` are accounts that people have besides those of the file, by account, and `alike` are
    those who are one human with somebody, by name: they say who is behind a change, and give nobody
    a role.
    """

    people: Mapping[str, Person]
    groups: Mapping[str, tuple[str, ...]] = {}
    bots: frozenset[str] = frozenset()
    claims: Mapping[str, tuple[Person, ...]] = {}
    imports: tuple[Import, ...] = ()
    alike: Mapping[str, tuple[Person, ...]] = {}

    @cached_property
    def _by_account(self) -> dict[str, Person]:
        return {each: person for person in self.people.values() for each in person.accounts}

    def with_account(self, system: str, identity: str) -> Person | None:
        """The person who has this account."""
        return self._by_account.get(account(system, identity))

    def in_slack(self, user: str) -> Person:
        """Who a Slack user is: somebody with a name, or called by this id."""
        return self.with_account(SLACK, user) or unnamed(SLACK, user)

    def acting(self, user: str) -> Actor:
        """A Slack user as who gives a command."""
        person = self.in_slack(user)
        also = (each for other in self.alike.get(person.name, ()) for each in other.accounts)
        return Actor(person=person, account=account(SLACK, user), also=tuple(also))

    def behind(self, user: str) -> tuple[Person, ...]:
        """Everybody who a Slack user is, where it counts who is behind a change."""
        return self._whole((self.in_slack(user), *self.owners(account(SLACK, user))))

    def owners(self, account: str) -> tuple[Person, ...]:
        """Everybody whose account it is: by the file, and by what else is known.

        An address with a tag that nobody is listed with is whose it is without.
        """
        if exactly := self._owners(account):
            return self._whole(exactly)
        named = _identity(account)
        same = named.same if named else ()
        return self._whole(next(filter(None, map(self._owners, same)), ()))

    def _whole(self, people: Iterable[Person]) -> tuple[Person, ...]:
        """The same people, with whoever is one human with one of them."""
        whole = [each for who in people for each in (who, *self.alike.get(who.name, ()))]
        return tuple(dict.fromkeys(whole))

    def _owners(self, account: str) -> tuple[Person, ...]:
        listed = self._by_account.get(account)
        others = self.claims.get(account, ())
        return tuple(dict.fromkeys((*((listed,) if listed else ()), *others)))

    def attributed(self, report: Report) -> tuple[Report, tuple[Attributed, ...]]:
        """`report` with its initiator's team, unless it names one, and the humans behind it.

        Where it names service accounts only, one human is behind it whom nobody knows.
        """
        found = [self._human(each.identities) for each in (report.initiator, *report.contributors)]
        humans = tuple(dict.fromkeys(human for human in found if human))
        teams = (person.team for human in humans for person in human.persons if person.team)
        report = report.but(team=report.team or next(teams, None))
        return report, humans or (_behind_services(report.initiator.identities),)

    def _human(self, identities: Iterable[Identity]) -> Attributed | None:
        """Who one human is by all identities that were given for them; None: nobody."""
        people: list[Person] = []
        accounts: list[str] = []
        known = nobody = False
        for each in identities:
            if self.is_nobody(each.account):
                nobody = True
                continue
            exactly = self.owners(each.account)
            alike = [] if exactly else [who for one in each.perhaps for who in self._owners(one)]
            people += [*exactly, *alike]
            known = known or bool(exactly)
            if not exactly:
                accounts.append(each.account)
                system, _, user = each.account.partition(":")
                people += self.behind(user) if system == SLACK else []
        if not people and not accounts and nobody:
            return None
        persons = tuple(dict.fromkeys(people))
        return Attributed(persons=persons, accounts=tuple(accounts), known=known)

    def is_nobody(self, account: str) -> bool:
        """Whether it is a service account's, with a tag that nobody is listed with too."""
        named = _identity(account)
        tagged = () if named is None or self._owners(account) else named.same
        return bool(named and named.is_nobody) or not self.bots.isdisjoint((account, *tagged))

    def members(self, name: str) -> tuple[str, ...] | None:
        """The people behind a person's or a group's name; None where there is no such name."""
        return (name,) if name in self.people else self.groups.get(name)

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


def directory(source: YamlFile, folder: Path, problems: list[Problem]) -> Read:
    """The directory of a file in `folder`; what is wrong goes to `problems`."""
    file = shaped(source, PeopleFile, source.data, (), problems)
    if file is None:
        return UNREADABLE
    people: dict[str, Person] = {}
    for key, data in file.people.items():
        if ":" in key:
            message = f"found the name {key!r}, need one without a colon, which stands in accounts"
            problems.append(source.problem(("people", key), message, key=True))
        entry = shaped(source, PersonEntry, data, ("people", key), problems)
        if entry:
            people[key] = entry.person(key)
    problems += _twice(source, people.values())
    groups: dict[str, tuple[str, ...]] = {}
    for name, data in file.groups.items():
        found = list(_group_problems(source, file, name))
        group = shaped(source, GroupEntry, data, ("groups", name), found)
        problems += found
        if group and not found and all(key in people for key in group.root):
            groups[name] = tuple(dict.fromkeys(group.root))
    broken = frozenset({*file.people, *file.groups} - {*people, *groups})
    problems += _bots_that_are_people(source, file, people.values())
    bots = frozenset(each for name in file.bots for each in _bot_accounts(name))
    known = Directory(
        people=people,
        groups=groups,
        bots=bots,
        imports=imports(source, file.imports, folder, problems),
    )
    return Read(directory=known, broken=broken)


def _identity(account: str) -> Identity | None:
    """An account as an identity; None where it can't be one of anybody's."""
    system, _, text = account.partition(":")
    with suppress(ValueError):
        return identity.read(system, text) if system in SYSTEMS else None
    return None


def _behind_services(identities: Iterable[Identity]) -> Attributed:
    """Whoever is behind service accounts, whom nobody can be asked about."""
    named = (f"{SERVICE}:{each.account.partition(':')[2]}" for each in identities)
    return Attributed(accounts=tuple(named))


def _bot_accounts(text: str) -> Iterable[str]:
    """Every account that the name of a service account may be."""
    for system in SYSTEMS:
        with suppress(ValueError):
            yield identity.read(system, text).account


def _bots_that_are_people(
    source: YamlFile, file: PeopleFile, people: Iterable[Person]
) -> Iterable[Problem]:
    owners = {each: person.name for person in people for each in person.accounts}
    for number, text in enumerate(file.bots):
        accounts = list(_bot_accounts(text))
        if not accounts:
            message = f"found {text!r}, need a login, an address or a Slack id"
            yield source.problem(("bots", number), message)
        for owner in {owners[each] for each in accounts if each in owners}:
            message = f"found {text!r}, which is {owner}'s, need an account that is nobody's"
            yield source.problem(("bots", number), message)


def _twice(source: YamlFile, people: Iterable[Person]) -> Iterable[Problem]:
    owners: dict[str, str] = {}
    for person in people:
        for each in person.accounts:
            first = owners.setdefault(each, person.name)
            if first != person.name:
                system, _, _ = each.partition(":")
                path: KeyPath = ("people", person.name, system)
                given = source.value(path)
                for number, one in enumerate(given if isinstance(given, list) else ()):
                    if identity.account_of(system, str(one)) == each:
                        path, given = (*path, number), one
                        break
                message = f"{system}: found {given!r}, which is {first}'s, need each person's own"
                yield source.problem(path, message)


def _group_problems(source: YamlFile, file: PeopleFile, name: str) -> Iterable[Problem]:
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
