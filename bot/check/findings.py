"""What a check finds: rules, each with the leak it is, and findings with their place.

Rules
- Every rule has one leak: the point at which what is meant and what happens part.
- A finding's fingerprint is the same when lines move: of the path, the rule, what was found and
  which of several alike it is.
- The words of a finding can be written anywhere: what is no text is replaced, and what is longer
  than anybody reads is cut, and told apart by its digest.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.check.uses import Span

WORDS_MOST = 500


class Leak(StrEnum):
    """Where what is meant and what happens part."""

    INTENT = "intent"  # what it is for isn't said, or isn't allowed
    DATA = "data"  # it learns from something else
    ACTION = "action"  # it does something else, or something that can't be seen
    CONSEQUENCE = "consequence"  # what comes out goes elsewhere


class Severity(StrEnum):
    """How grave a finding is; the words of a policy's severity."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for. `title` is a phrase, `why` whole sentences, `mend` what to do."""

    id: str
    leak: Leak
    severity: Severity
    title: str
    why: str
    mend: str


RULES = (
    Rule(
        "undeclared",
        Leak.INTENT,
        Severity.MEDIUM,
        "Training code without a declaration",
        "Code that trains a model says nowhere what it is for, so nobody can compare what it does "
        "with what was meant.",
        "Write a guardrails block: `warroom check init PATH` begins one from what is found.",
    ),
    Rule(
        "declaration-invalid",
        Leak.INTENT,
        Severity.MEDIUM,
        "A declaration that can't be read",
        "A declaration with an unknown key or a wrong value declares nothing for certain.",
        "Write the key or value that the message names.",
    ),
    Rule(
        "declaration-expired",
        Leak.INTENT,
        Severity.MEDIUM,
        "A declaration past its end",
        "What was declared was declared until a day that has passed.",
        "Review the declaration and move `expires`.",
    ),
    Rule(
        "dataset-mismatch",
        Leak.DATA,
        Severity.HIGH,
        "A data set other than declared",
        "The code learns from a data set that its declaration doesn't name.",
        "Use the declared data set, or declare this one and have that reviewed.",
    ),
    Rule(
        "dataset-unlisted",
        Leak.DATA,
        Severity.MEDIUM,
        "A data set that the catalogue doesn't list",
        "Nobody has said what this data set holds, so nothing allows its use.",
        "List it in the catalogue, with its classification and owner.",
    ),
    Rule(
        "dataset-class",
        Leak.DATA,
        Severity.CRITICAL,
        "Data of a higher classification than declared",
        "By the catalogue the data is more sensitive than the declaration says.",
        "Use data of the declared class, or declare this class and have that reviewed.",
    ),
    Rule(
        "use-case",
        Leak.INTENT,
        Severity.HIGH,
        "A use case that the data or the model isn't allowed for",
        "The catalogue allows this data set or model for other use cases only.",
        "Use what is allowed for this use case, or ask its owner to allow it.",
    ),
    Rule(
        "model-mismatch",
        Leak.ACTION,
        Severity.HIGH,
        "A base model other than declared, or one that isn't allowed",
        "The code starts from a model that its declaration doesn't name or the catalogue doesn't "
        "list.",
        "Start from the declared model, or declare this one and have that reviewed.",
    ),
    Rule(
        "export-mismatch",
        Leak.CONSEQUENCE,
        Severity.CRITICAL,
        "An export that reaches further than declared",
        "The result goes to a destination that more people can reach than the declaration says. A "
        "destination that the catalogue doesn't list counts as public.",
        "Export to a destination of the declared kind, or declare this one and have that reviewed.",
    ),
    Rule(
        "owner-unknown",
        Leak.INTENT,
        Severity.MEDIUM,
        "An owner whom nobody knows",
        "The declaration names somebody who can't be asked.",
        "Name a person or a group of people.yaml, or an owner of the catalogue.",
    ),
    Rule(
        "not-known",
        Leak.ACTION,
        Severity.MEDIUM,
        "What is used can't be known from here",
        "The name comes from the command line or is computed, so it can't be compared with what "
        "was declared before the code runs.",
        "Declare `from arguments`, and start it by `warroom check -- COMMAND`.",
    ),
    Rule(
        "syntax",
        Leak.ACTION,
        Severity.MEDIUM,
        "A file that can't be read",
        "What can't be read can't be compared with what was declared.",
        "Mend the file.",
    ),
    Rule(
        "suppression",
        Leak.ACTION,
        Severity.MEDIUM,
        "A comment that tries to suppress a finding",
        "Exceptions are decisions on record, with a reason, an owner and an end; a comment is "
        "none, and suppresses nothing.",
        "Remove the comment, and ask for an exception in the war room.",
    ),
    Rule(
        "rules-changed",
        Leak.INTENT,
        Severity.HIGH,
        "A change of the catalogue or of the rules of the check",
        "The change alters what changes are held to, itself included.",
        "Have the change of the catalogue or the rules reviewed by their owner, apart from the "
        "code that needs it.",
    ),
)
RULE = {rule.id: rule for rule in RULES}


class Status(StrEnum):
    """How a finding stands at the bot, in SARIF's words."""

    ACCEPTED = "accepted"  # an active exception allows it, or a rule agreed on beforehand
    UNDER_REVIEW = "underReview"  # a war room is open on it


@dataclass(frozen=True, slots=True)
class Suppression:
    """What the bot says of a finding. What is under review is not allowed yet."""

    status: Status
    id: str
    until: str = ""
    url: str = ""
    justification: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where what is declared and what is found part.

    `declared` and `found` are words for a reader, empty where there is nothing to tell. `excerpt`
    is the text of the lines that the span touches.
    """

    path: str
    span: Span
    rule: str
    severity: Severity
    message: str
    declared: str = ""
    found: str = ""
    mend: str = ""
    excerpt: tuple[str, ...] = ()
    fingerprint: str = ""
    known: bool = True  # whether it is something found, or something that can't be known
    team: str = ""  # whose it is, where a declaration says so
    suppression: Suppression | None = None

    @property
    def name(self) -> str:
        """The path as it can be written, whatever bytes it has."""
        return written(self.path)

    @property
    def leak(self) -> Leak:
        """The leak of its rule."""
        return RULE[self.rule].leak

    @property
    def allowed(self) -> bool:
        """Whether somebody has allowed it."""
        return self.suppression is not None and self.suppression.status is Status.ACCEPTED


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by place, each with its fingerprint."""
    order = sorted(findings, key=lambda finding: (finding.path, finding.span, finding.rule))
    return tuple(_with_fingerprints(order))


def _with_fingerprints(findings: Iterable[Finding]) -> Iterator[Finding]:
    alike: dict[tuple[str, ...], int] = {}
    for finding in findings:
        found, declared = _short(finding.found), _short(finding.declared)
        about = (finding.path, finding.rule, found, declared)
        alike[about] = number = alike.get(about, 0) + 1
        yield replace(
            finding,
            message=_short(finding.message),
            declared=declared,
            found=found,
            fingerprint=_digest("\0".join((*about, str(number)))),
        )


def _short(words: str) -> str:
    if len(words) > WORDS_MOST:
        words = f"{words[:WORDS_MOST]}… ({_digest(words)})"
    return written(words)


def written(words: str) -> str:
    """Words without what no encoding has: half a character, a byte of a file's name."""
    return words.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check gives: findings in the order of their places, and how much was looked at."""

    findings: tuple[Finding, ...]
    seen: int
    training: int
    skipped: tuple[tuple[str, str], ...]  # path and why
    seconds: float
    notes: tuple[str, ...] = ()

    def noted(self, note: str) -> "Checked":
        """The same with one more note."""
        return replace(self, notes=(*self.notes, note))

    @property
    def sound(self) -> bool:
        """Whether nothing was found but what somebody has allowed."""
        return all(finding.allowed for finding in self.findings)

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """Those of the findings that say what can't be known from here."""
        return tuple(each for each in self.findings if not each.known)
