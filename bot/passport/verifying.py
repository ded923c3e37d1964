"""Verifies a passport: whose it is, whether it holds, and whether it is of these files.

Rules
- A passport that nobody known has signed says nothing: it is verified no further than that.
- What has changed is named by its file. A file more, or one less, is a change.
- It ends when it says so, and with the first of its covenants, decisions and data that do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.passport.artifact import Artifact
from bot.passport.digests import root_digest
from bot.passport.envelope import Envelope, EnvelopeError
from bot.passport.keys import PublicKey
from bot.passport.statement import PassportError, Statement


class Kind(StrEnum):
    """The kinds of what can be wrong with a passport."""

    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"  # or by nobody who is known
    CHANGED = "changed"  # a file of the artifact
    FILE = "file"  # something in a file, as a header that lies or a pickle
    EXPIRED = "expired"
    COVENANT = "covenant-ended"
    DECISION = "decision-ended"
    DESTINATION = "not-covered"  # it may not go there


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong."""

    kind: Kind
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A passport, who has signed it of those that are known, and what is wrong with it."""

    statement: Statement | None
    signed_by: frozenset[PublicKey]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def opened(data: bytes, keys: Sequence[PublicKey]) -> Verified:
    """A passport's envelope, by the keys that are known."""
    try:
        envelope = Envelope.read(data)
        statement = Statement.read(envelope.payload)
    except (EnvelopeError, PassportError) as error:
        return Verified(None, frozenset(), (Finding(Kind.UNREADABLE, str(error)),))
    by = envelope.signed_by(keys)
    if not by:
        named = ", ".join(
            sorted({each.keyid[:16] or "without an id" for each in envelope.signatures})
        )
        what = f"no key that is known has signed it; its signatures are by {named}"
        return Verified(statement, by, (Finding(Kind.UNSIGNED, what),))
    return Verified(statement, by, ())


def held_to(
    statement: Statement, artifact: Artifact, digests: Mapping[str, str], now: datetime
) -> Iterator[Finding]:
    """What is wrong with a passport of an artifact whose files have these digests."""
    yield from (Finding(Kind.FILE, str(each)) for each in artifact.faults)
    yield from _changes(statement, digests)
    yield from _ends(statement, now)


def _changes(statement: Statement, digests: Mapping[str, str]) -> Iterator[Finding]:
    said = {each["name"]: each["digest"].get("sha256") for each in statement.predicate["files"]}
    if len(said) == len(digests) == 1:  # a file by itself may be called otherwise meanwhile
        said = dict(zip(digests, said.values(), strict=True))
    for name in sorted(said.keys() | digests.keys()):
        if name not in digests:
            yield Finding(Kind.CHANGED, f"{name} isn't there")
        elif name not in said:
            yield Finding(Kind.CHANGED, f"{name} isn't in the passport")
        elif said[name] != digests[name]:
            yield Finding(Kind.CHANGED, f"{name} has changed since the passport was made")
    if said == dict(digests) and statement.digest != root_digest([said[name] for name in digests]):
        yield Finding(Kind.CHANGED, "the passport's digest isn't that of its files")


def _ends(statement: Statement, now: datetime) -> Iterator[Finding]:
    predicate = statement.predicate
    if is_over(predicate.get("until"), now):
        yield Finding(Kind.EXPIRED, f"it ended on {predicate['until']}")
    for each in predicate.get("datasets", ()):
        covenant = each.get("covenant", {})
        if is_over(covenant.get("until"), now):
            what = f"the covenant {covenant['id']} of {each['name']} ended on {covenant['until']}"
            yield Finding(Kind.COVENANT, what)
    for each in predicate.get("decisions", ()):
        if is_over(each.get("until"), now):
            yield Finding(Kind.DECISION, f"the decision {each['id']} held until {each['until']}")


def is_over(written: str | None, now: datetime) -> bool:
    """Whether a moment of a passport has come; one that isn't said never does."""
    return written is not None and now >= datetime.fromisoformat(written)
