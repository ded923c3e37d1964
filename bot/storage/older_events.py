"""Events as older versions wrote them, and how each is brought up to date.

Rules
- A class here has the fields and the marks of its schema, and never changes: it says what stands
  apart in the bytes that were written.
- What was not recorded then is not known now: whoever made a change and wasn't known is nobody
  that is known, under the identities that were reported.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from bot.domain.aggregate import Happened
from bot.domain.identity import account_of
from bot.domain.person import EMAIL
from bot.domain.personal import FreeText, Personal, PersonName
from bot.domain.policy import Role
from bot.domain.role_sources import Assignment
from bot.domain.value import StoredValue
from bot.domain.violation import Initiator, Severity, Violation
from bot.storage.personal import Plan, plan_of

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upcaster:
    """From one schema of an event's content to the next; `plan` says what was personal in it."""

    plan: Plan
    upgrade: Callable[[Content], Content]


class _Opened1(Happened):
    kind: Literal["opened"] = "opened"
    room_id: str
    violation: Violation
    policy_id: str
    policy_digest: str
    severity: Severity
    team: str | None
    initiator: PersonName | None
    assignments: tuple[Assignment, ...]
    window: timedelta
    private: bool
    is_storm: bool = False


class _Joined1(Happened):
    kind: Literal["joined"] = "joined"
    violation: Violation
    initiator: PersonName | None
    assignments: tuple[Assignment, ...]


class _Identified1(Happened):
    kind: Literal["identified"] = "identified"
    address: FreeText
    person: PersonName | None
    assignments: tuple[Assignment, ...]


class _Contents1(StoredValue):
    count: int
    first: Violation
    newest: tuple[Violation, ...] = ()
    one_key: bool = True
    callbacks: int = 0
    made: dict[PersonName, int] = {}
    awaited: Annotated[dict[str, int], Personal(erased={})] = {}


class _Split1(Happened):
    kind: Literal["split"] = "split"
    role: Role
    violations: tuple[str, ...]
    to: str
    contents: _Contents1


def _made(content: Content) -> Content:
    """Who made the change: one person, or nobody who was known."""
    name = content.pop("initiator", None)
    identities = Initiator.read(content["violation"]["report"]["initiator"]).identities
    accounts = [each.account for each in identities]
    maker = {"names": [name], "known": True} if name else {"accounts": accounts}
    return content | {"makers": [maker]}


def _identified(content: Content) -> Content:
    name, address = content.pop("person", None), content.pop("address")
    return content | {"account": account_of(EMAIL, address), "names": [name] if name else []}


def _split(content: Content) -> Content:
    contents = content["contents"]
    made, awaited = contents.pop("made", {}), contents.pop("awaited", {})
    by = [_by([{"names": [name], "known": True}], count) for name, count in made.items()]
    by += [
        _by([{"accounts": [account_of(EMAIL, address)]}], count)
        for address, count in awaited.items()
    ]
    rest = contents["count"] - sum(each["count"] for each in by)
    nobody = [_by([{"accounts": []}], rest)] if rest > 0 else []
    return content | {"contents": contents | {"made_by": by + nobody}}


def _by(makers: Iterable[Content], count: int) -> Content:
    return {"makers": list(makers), "count": count}


# By kind of event and the schema that was written.
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("opened", 1): Upcaster(plan_of(_Opened1), _made),
    ("joined", 1): Upcaster(plan_of(_Joined1), _made),
    ("identified", 1): Upcaster(plan_of(_Identified1), _identified),
    ("split", 1): Upcaster(plan_of(_Split1), _split),
}
