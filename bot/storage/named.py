"""Where somebody stands besides the events: in violations, answers, and what waits."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, or_, select

from bot.domain.somebody import Somebody
from bot.domain.terms import Basis
from bot.domain.violation import Violation
from bot.storage import tables as t
from bot.storage.personal import erased, plan_of

_vi, _an, _ef = t.violations.c, t.answers.c, t.effects.c
_VIOLATION, _BASIS = plan_of(Violation), plan_of(Basis)


@dataclass
class Besides:
    """What an erasure changes besides events: new contents by key, and what goes.

    `policies` are how many policies on record name them, which stay.
    """

    violations: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[str | None, str | None]] = field(default_factory=dict)
    effects: list[int] = field(default_factory=list)
    budgets: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    policies: int = 0


def besides(connection: Connection, who: Somebody, reports: Collection[str]) -> Besides:
    """All of somebody; `reports` are violations that are known to be of their changes."""
    found = Besides()
    _violations(connection, who, reports, found)
    _answers(connection, who, found)
    _waiting(connection, who, found)
    return found


def names(column: Any, who: Somebody) -> Any:  # noqa: ANN401 - SQLAlchemy's
    """Whether a text may name somebody; of what is not ASCII databases fold no case alike."""
    small = func.lower(column)
    other = sorted(name for name in who.names if not name.isascii())
    return or_(
        *(small.contains(each, autoescape=True) for each in sorted(who.parts)),
        *(column.contains(each, autoescape=True) for each in other),
    )


def _violations(
    connection: Connection, who: Somebody, reports: Collection[str], found: Besides
) -> None:
    question = select(_vi.id, _vi.document).where(
        or_(names(_vi.document, who), _vi.id.in_(reports))
    )
    for row in connection.execute(question):
        report = json.loads(row.document)["report"]
        people = (report["initiator"], *report.get("contributors", ()))
        mine = row.id in reports or any(map(who.made, people))

        def is_gone(keys: Sequence[str | int], value: Any, mine: bool = mine) -> bool:  # noqa: ANN401 - JSON
            if keys[-1] == "initiator":
                return who.made(value)
            if keys[-1] == "contributors":
                return any(map(who.made, value))
            return mine or who.is_named_in(value)

        document = document_without(row.document, is_gone)
        if document != row.document:
            found.violations[row.id] = document


def document_without(document: str, is_gone: Callable[..., bool]) -> str:
    """A violation's document without what is gone; where nothing is, as it was."""
    content, before = json.loads(document), json.loads(document)
    after = erased(content, _VIOLATION, is_gone)
    return document if after == before else Violation.read(after).model_dump_json()


def _answers(connection: Connection, who: Somebody, found: Besides) -> None:
    question = select(t.answers).where(
        or_(names(_an.makers, who), names(_an.basis, who), _an.violation_id.in_(found.violations))
    )
    for row in connection.execute(question):
        makers = row.makers
        if makers and (row.violation_id in found.violations or who.is_named_in(json.loads(makers))):
            makers = None  # it serves the splitting of a room that is open
        basis = basis_without(row.basis, lambda _, value: who.is_named_in(value, by_bot=True))
        if (makers, basis) != (row.makers, row.basis):
            found.answers[row.violation_id, row.policy_id] = makers, basis


def basis_without(stored: str | None, is_gone: Callable[..., bool]) -> str | None:
    """An answer's basis without what is gone; where nothing is, as it was."""
    if stored is None:
        return None
    after = erased(json.loads(stored), _BASIS, is_gone)
    return stored if after == json.loads(stored) else Basis.read(after).model_dump_json()


def _waiting(connection: Connection, who: Somebody, found: Besides) -> None:
    """What waits for them, or tells of them, in tables that are no part of the record."""
    told = or_(*(names(each, who) for each in (_ef.lane, _ef.payload, _ef.last_error)))
    for row in connection.execute(select(t.effects).where(told)):
        parts = (*row.lane.replace("/", " ").split(), row.lane, row.payload, row.last_error or "")
        if who.is_named_in(parts, by_bot=True):
            found.effects.append(row.id)
    for name in connection.execute(select(t.budgets.c.name)).scalars():
        if who.is_named_in(name, by_bot=True):
            found.budgets.append(name)
    for row in connection.execute(select(t.imports).where(t.imports.c.error.is_not(None))):
        if who.is_named_in(row.error, by_bot=True):
            found.imports.append(row.source)
    documents = select(t.documents.c.document).where(names(t.documents.c.document, who))
    found.policies = sum(
        who.is_named_in(json.loads(document))
        for document in connection.execute(documents).scalars()
    )
