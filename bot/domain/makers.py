"""Who is behind a change: each human whom a report names, as far as it is known who that is.

Rules
- Everybody who is known is an initiator; where the identities given for one human belong to two
  people, both are.
- A human is known where one of their identities is: to the configuration, to Slack, or to somebody
  in the room who said so.
- Slack is asked once in a room about an address or an id, and its answer holds for whatever comes
  in later. A person's word doesn't stand in for it, and nothing that was said makes an initiator of
  the room less than one.
- Who is known by people's words alone may be named again: the newest word holds, and whoever was
  named before stays an initiator. Else a word could let somebody allow their own change.
- A service account stands for nobody. Where a report names nobody else, a human is behind it whom
  nobody knows, and whom Slack can't be asked about.
- A human whom nobody knows may be whoever has no account listed in a system of theirs; who has one
  there is somebody else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from bot.domain.person import EMAIL, SLACK, SYSTEMS, Person
from bot.domain.personal import Personal, PersonName
from bot.domain.value import StoredValue, Value


class Attributed(Value):
    """A human behind a change, as the configuration knows them.

    `persons` are those whose identities were given, `accounts` the identities that belong to
    nobody who is listed. They are `known` where the configuration says who it is.
    """

    persons: tuple[Person, ...] = ()
    accounts: tuple[str, ...] = ()
    known: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """The humans behind a change, and by name the `people` whom the configuration lists."""

    makers: tuple[Attributed, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Those who are known to be behind it, each once."""
        return tuple(dict.fromkeys(each.name for maker in self.makers for each in maker.persons))

    def doubt(self, name: str) -> str | None:
        """That somebody may be one of those who are unknown, and what would tell; else None."""
        person = self.people.get(name) or Person(name=name)
        for maker in self.makers:
            systems = [_system(each) for each in maker.accounts if _system(each) in SYSTEMS]
            if systems and not maker.known and not any(map(person.listed_in, systems)):
                mend = f"list {name}'s {systems[0]} in people.yaml"
                return f"{name} may have made the change: {mend}"
        return None


class Maker(StoredValue):
    """The same in a room, where people stand by their names."""

    names: tuple[PersonName, ...] = ()
    accounts: Annotated[tuple[str, ...], Personal(erased=[])] = ()
    known: bool = False


class MadeBy(StoredValue):
    """How many violations have these humans behind them."""

    makers: tuple[Maker, ...]
    count: int = 1


class AccountOwner(StoredValue):
    """Whose an account is: nobody's that is known where there are no names. `by` said so.

    A person's word is no answer of Slack's: until it has `answered` it is asked still. `former` are
    those whom an earlier word had named.
    """

    names: tuple[PersonName, ...]
    by: PersonName
    answered: bool = True
    former: tuple[PersonName, ...] = ()

    @property
    def initiators(self) -> tuple[str, ...]:
        """Everybody who was ever named."""
        return (*self.names, *self.former)

    def told(self, names: tuple[str, ...], by: str, system: str) -> "AccountOwner":
        """The same once somebody more has said whose it is; `system` is no person's word.

        What the configuration or Slack says is known by it; that it is nobody's leaves a person's
        word as it is.
        """
        answered = self.answered or by == system
        if by == system and (self.by == system or not names):
            together = tuple(dict.fromkeys((*self.names, *names)))
            return self.but(names=together, answered=answered)
        former = tuple(name for name in self.initiators if name not in names)
        return AccountOwner(names=names, by=by, answered=answered, former=former)


Owners = dict[str, AccountOwner]  # by account


def in_room(found: Iterable[Attributed], names: Mapping[str, str]) -> tuple[Maker, ...]:
    """Those whom the configuration found; `names` has the room's name for each person's."""
    return tuple(
        Maker(
            names=tuple(dict.fromkeys(names[person.name] for person in each.persons)),
            accounts=each.accounts,
            known=each.known,
        )
        for each in found
    )


def attributed(
    maker: Maker, owners: Owners, people: Mapping[str, Person], system: str
) -> Attributed:
    """A human of one room as another is told of them; `system` is no person's word.

    On somebody's word alone they are an initiator there, and stay unknown: the word was given here.
    """
    told = list(_owners(maker, owners))
    names = dict.fromkeys((*maker.names, *(name for each in told for name in each.initiators)))
    return Attributed(
        persons=tuple(people[name] for name in names),
        accounts=maker.accounts,
        known=_is_settled(maker, owners, system),
    )


def accounts_of(makers: Iterable[Maker]) -> tuple[str, ...]:
    """The accounts of theirs that no file has, each once."""
    return tuple(dict.fromkeys(account for maker in makers for account in maker.accounts))


def names_of(makers: Iterable[Maker], owners: Owners) -> tuple[str, ...]:
    """Everybody among them who is known by name, each once."""
    return tuple(
        dict.fromkeys(
            name
            for maker in makers
            for name in (
                *maker.names,
                *(other for told in _owners(maker, owners) for other in told.initiators),
            )
        )
    )


def awaited(made: Iterable[MadeBy], owners: Owners) -> tuple[str, ...]:
    """The accounts that Slack has still to tell of: addresses, and ids that no file has."""
    return tuple(
        account
        for account in accounts_of(_makers(made))
        if _system(account) in (EMAIL, SLACK)
        and not (account in owners and owners[account].answered)
    )


def unsettled(made: Iterable[MadeBy], owners: Owners, system: str) -> tuple[str, ...]:
    """The accounts of which nobody but people has said whose they are; `system` is no person."""
    return tuple(
        account
        for account in accounts_of(_makers(made))
        if not (owner := owners.get(account)) or owner.by != system or not owner.names
    )


def unknown(made: Iterable[MadeBy], owners: Owners) -> tuple[Maker, ...]:
    """The humans of whom it isn't known who they are, each once."""
    humans = dict.fromkeys(_makers(made))
    return tuple(maker for maker in humans if not _is_known(maker, owners))


def unsure(made: Iterable[MadeBy], owners: Owners, system: str) -> tuple[Maker, ...]:
    """The humans who are unknown, or known by people's words; `system` is no person."""
    return tuple(maker for maker in _makers(made) if not _is_settled(maker, owners, system))


def nameable(made: Iterable[MadeBy], owners: Owners, system: str) -> tuple[str, ...]:
    """The accounts of those who are unknown, or known by people's words; `system` is no person."""
    return accounts_of(unsure(made, owners, system))


def vouchers(made: Iterable[MadeBy], owners: Owners, system: str) -> tuple[frozenset[str], ...]:
    """Of each human who is known by people's words alone, whose words they are.

    `system` is no person's word.
    """
    humans = dict.fromkeys(maker for maker in _makers(made) if not maker.known)
    words = (
        frozenset(told.by for told in _owners(maker, owners) if told.names) for maker in humans
    )
    return tuple(dict.fromkeys(by for by in words if by and system not in by))


def named_by(made: Iterable[MadeBy], owners: Owners, system: str) -> tuple[str, ...]:
    """Those on whose word alone it is known who somebody is; `system` is no person's word."""
    return tuple(dict.fromkeys(min(by) for by in vouchers(made, owners, system) if len(by) == 1))


def with_more(made: tuple[MadeBy, ...], makers: tuple[Maker, ...]) -> tuple[MadeBy, ...]:
    """The same with one more violation that has these humans behind it."""
    return _counted(made, makers, 1)


def without(made: tuple[MadeBy, ...], makers: tuple[Maker, ...]) -> tuple[MadeBy, ...]:
    """The same with one less."""
    return _counted(made, makers, -1)


def _counted(made: tuple[MadeBy, ...], makers: tuple[Maker, ...], more: int) -> tuple[MadeBy, ...]:
    there = any(each.makers == makers for each in made)
    counted = tuple(
        each.but(count=each.count + more) if each.makers == makers else each for each in made
    )
    if not there:
        counted += (MadeBy(makers=makers, count=more),)
    return tuple(each for each in counted if each.count > 0)


def _system(account: str) -> str:
    return account.partition(":")[0]


def _makers(made: Iterable[MadeBy]) -> Iterator[Maker]:
    return (maker for each in made for maker in each.makers)


def _owners(maker: Maker, owners: Owners) -> Iterator[AccountOwner]:
    return (owners[account] for account in maker.accounts if account in owners)


def _is_settled(maker: Maker, owners: Owners, system: str) -> bool:
    """Whether it is known who they are, by more than people's words."""
    told = _owners(maker, owners)
    return maker.known or any(each.names and each.by == system for each in told)


def _is_known(maker: Maker, owners: Owners) -> bool:
    return maker.known or any(told.names for told in _owners(maker, owners))
