"""Why people are asked as they are: the band that a violation falls into, and what is not known.

Rules
- A band is shown with its condition, and beside it what the facts say where it asks for them.
- The same violation may break other policies: where they have a room of their own, it is linked.
- A condition that could not be known is shown with its place and the reason: it counted against
  the change. So is what would have allowed it, where it may be the own one of whoever made it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.conditions import Truth
from bot.domain.policy import Band, Policy
from bot.integrations.slack.show import links
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.text import outside
from bot.policies.cel import compiled
from bot.policies.cel_reads import FACTS

NOT_KNOWN = "❔"
_SHOWN = 3  # conditions that are not known
_TEXT, _VALUE, _WHY, _DOUBT = 240, 60, 200, 400


def lines(about: About) -> list[str]:
    """What there is to say of it, a line each."""
    basis = about.room.basis
    if basis is None:
        return []
    band = about.policy.band(basis.band)
    doubts = [f"{NOT_KNOWN} {outside(each, _DOUBT)}" for each in basis.doubts]
    shown = [*([_band(about, band)] if band else []), *_not_known(about), *doubts]
    return [*shown, *_besides(about)]


def _besides(about: About) -> Iterator[str]:
    """What the other policies answered that the same violation breaks."""
    for each in about.besides:
        if each.room:
            said = links.channel(each.room) or f"war room `{each.room.id}`"
        elif each.clearance:
            said = f"allowed by its rule {outside(each.clearance.rule.id, _VALUE)}"
        elif each.exception:
            said = f"waived by the exception `{each.exception.id}`"
        else:
            said = "for a newer version of the bot to say"
        yield f"*Also breaks* {outside(each.policy_id, _VALUE)}: {said}"


def _band(about: About, band: Band) -> str:
    decides = " and ".join(f"the {role}" for role in about.room.decide)
    said = f"*Band* {outside(band.id, _VALUE)}, decided by {decides}"
    if band.when is None:
        return f"{said}: no other band holds"
    values = ", ".join(_values(about.policy, band.when.text, about.facts))
    beside = f" · {values}" if values else ""
    return f"{said}: {_code(band.when.text)}{beside}"


def _values(policy: Policy, text: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """What the facts say that a condition reads: `confidence 0.7`."""
    paths = dict.fromkeys(access.path for access in compiled(text, policy.facts).read)
    for root, *path in paths:
        value: Any = facts
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if root == FACTS and path and isinstance(value, str | int | float):
            yield f"{outside('.'.join(path), _VALUE)} *{outside(str(value), _VALUE)}*"


def _not_known(about: About) -> Iterator[str]:
    basis = about.room.basis
    unknown = [each for each in basis.conditions if each.value == Truth.UNKNOWN] if basis else []
    for each in unknown[:_SHOWN]:
        why = outside(each.why or "it could not be asked", _WHY)
        yield f"{NOT_KNOWN} *Not known*: {why} · {_code(each.text)} ({outside(each.place, _VALUE)})"
    if len(unknown) > _SHOWN:
        yield f"{NOT_KNOWN} … and {len(unknown) - _SHOWN} more conditions that are not known"


def _code(text: str) -> str:
    return f"`{outside(text, _TEXT)}`"
