"""What leaves the house, as it is reported: where to, what of the data is known, what is wrong.

Rules
- What nobody known has signed says nothing of the data: no class is told then, so that a policy
  which asks for it doesn't know it, and people decide.
- The class that is told is the highest of all data sets. Where one of them has none, or one that
  nobody has ranked, none is told.
- How far a model may go its passport says, or it isn't known.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bot.passport.statement import Statement
from bot.passport.verifying import Finding, Kind, Verified

ACTION = "export"
TITLE_MOST, FINDINGS_MOST = 200, 100
Rank = Callable[[str], int | None]  # how sensitive a classification is; None: nobody has said


def not_covered(statement: Statement, to: str) -> Iterator[Finding]:
    """Whether the passport lets it go there."""
    destinations = statement.predicate.get("destinations")
    if destinations is None:
        yield Finding(Kind.DESTINATION, "the passport doesn't say how far it may go")
    elif to not in destinations:
        said = ", ".join(destinations) or "nowhere"
        yield Finding(Kind.DESTINATION, f"it may go to {said}, and not to {to}")


def classification(statement: Statement, rank: Rank) -> str | None:
    """The highest class of its data; None where that isn't known of all."""
    datasets = statement.predicate.get("datasets")
    if not datasets:
        return None
    ranks: dict[str, int] = {}
    for each in datasets:
        found = rank(each.get("classification", ""))
        if found is None:
            return None
        ranks[each["classification"]] = found
    return max(ranks, key=ranks.__getitem__)


def report(
    name: str,
    digest: str,
    verified: Verified,
    findings: Sequence[Finding],
    to: str,
    customer: str,
    rank: Rank,
) -> dict[str, Any]:
    """The body of an export, without who makes it and where; `digest` is the SHA-256 in hex."""
    statement = verified.statement if verified.signed_by else None
    predicate = statement.predicate if statement else {}
    passport: dict[str, Any] = {
        "sound": not findings,
        "findings": [f"{each.kind}: {each.what}" for each in findings[:FINDINGS_MOST]],
        "kinds": sorted({str(each.kind) for each in findings}),
    }
    facts: dict[str, Any] = {"action": ACTION, "to": to, "passport": passport}
    if customer:
        facts["customer"] = customer
    if statement:
        passport["missing"] = list(predicate["missing"])
        passport["signed_by"] = sorted(key.id for key in verified.signed_by)
        passport["datasets"] = [each["name"] for each in predicate.get("datasets", ())]
        if not findings and (known := classification(statement, rank)):
            facts["classification"] = known
    called, version = str(predicate.get("name", name)), str(predicate.get("version", ""))
    where = f"customer {customer}" if customer else to
    words = f"{called} {version}".strip()
    subject = {"kind": "model", "name": called[:200], "digest": f"sha256:{digest}"}
    body: dict[str, Any] = {
        "title": f"{words} leaves to {where}"[:TITLE_MOST],
        "subject": subject | ({"version": version[:200]} if version else {}),
        "facts": facts,
    }
    return body | ({"team": predicate["team"]} if "team" in predicate else {})
