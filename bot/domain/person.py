"""A person: somebody with accounts, known by a name.

Rules
- The name is the one in `people.yaml`; whom it doesn't name is called by an account, such as
  `slack:U0ADA` or `email:ada@acme.test`, until it does.
- An account is a system and what identifies somebody there: `slack:U0ADA`, `github:ada`. It is
  compared in one spelling: Slack's ids in capitals, everything else in lower case.
- Two names are one person where they share an account.
"""

from collections.abc import Collection, Mapping

from bot.domain.value import StoredValue, Value

SLACK, EMAIL, GITHUB = "slack", "email", "github"
SYSTEMS = (SLACK, EMAIL, GITHUB)  # the surest first
SERVICE = "service"  # of an account behind which somebody is, and nobody knows who
NAME = "name"  # of what somebody is called of whom nothing else was given: it identifies nobody


def account(system: str, identity: str) -> str:
    """The account of `identity` in `system`, in the one spelling in which it is compared."""
    return f"{system}:{identity.upper() if system == SLACK else identity.lower()}"


class Person(StoredValue):
    """Somebody: a name, and accounts in the order in which they are used."""

    name: str
    accounts: tuple[str, ...] = ()
    team: str | None = None

    @property
    def slack(self) -> str | None:
        """The Slack user id with which they are reached; None for who has none."""
        found = (each.partition(":") for each in self.accounts)
        return next((identity for system, _, identity in found if system == SLACK), None)

    def listed_in(self, system: str) -> bool:
        """Whether an account of theirs in this system is known."""
        return any(each.startswith(f"{system}:") for each in self.accounts)

    def shares_account_with(self, other: "Person") -> bool:
        """Whether one account belongs to both."""
        return not frozenset(self.accounts).isdisjoint(other.accounts)


def unnamed(system: str, identity: str) -> Person:
    """Somebody whom `people.yaml` doesn't name, called by the one account that is known."""
    known = account(system, identity)
    return Person(name=known, accounts=(known,))


def unlisted(name: str) -> Person:
    """Whom no configuration names; where their name is an account, it is theirs."""
    system, _, identity = name.partition(":")
    known = identity and system in (SLACK, EMAIL, GITHUB)
    return unnamed(system, identity) if known else Person(name=name)


class Actor(Value):
    """Who gives a command: a person and the account they act with, or the bot itself without.

    `also` are accounts that are said to be theirs, too: they say that two are one human, and give
    no role.
    """

    person: Person
    account: str | None = None
    also: tuple[str, ...] = ()

    def is_one_with(self, other: Person) -> bool:
        """Whether somebody is this human, as far as that is known."""
        accounts = {*self.person.accounts, *self.also}
        return other.name == self.person.name or not accounts.isdisjoint(other.accounts)


TIMEOUT = "system:timeout"
SYSTEM = "system:warroom"
NEW_COMMIT = "system:new_commit"
OPERATOR = "system:operator"
AUTOMATIC = frozenset({TIMEOUT, NEW_COMMIT})  # who decides where nobody does
BY_TIMEOUT = Actor(person=Person(name=TIMEOUT))
BY_NEW_COMMIT = Actor(person=Person(name=NEW_COMMIT))
BY_SYSTEM = Actor(person=Person(name=SYSTEM))


def operator(login: str) -> Actor:
    """Whoever runs a command on the bot's machine, by the login there: `ops@warroom-1`."""
    return Actor(person=Person(name=OPERATOR), account=f"login:{login}")


def name_in(known: Mapping[str, Person], person: Person, preferred: Collection[str] = ()) -> str:
    """The name by which `known` has this person: the same name, or that of a shared account.

    Where two of them are this person, one of the `preferred` names; their own, where none is.
    """
    names = [
        name
        for name, other in known.items()
        if name == person.name or person.shares_account_with(other)
    ]
    first = [name for name in names if name in preferred]
    return next(
        iter([*first, *(name for name in names if name == person.name), *names]), person.name
    )
