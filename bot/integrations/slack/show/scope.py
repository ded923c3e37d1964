"""How far a decision is to hold: what can be chosen, and what each choice also allows, in words.

Rules
- What is offered is what the policy offers for the violation that the room shows, the narrowest
  first and preset. A scope by a condition is offered where the condition says yes.
- Before a decision is confirmed its form says what it allows besides, and until when.
"""

from bot.domain import scope as scopes
from bot.domain.policy import OfferedScope, ScopeKind
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.blocks import OPTIONS, option, sections
from bot.integrations.slack.show.inputs import select
from bot.integrations.slack.show.text import Block, outside, plain
from bot.policies.matching import holding

SCOPE = "scope"
WORDS = 600  # of what a scope allows besides
_LABEL = 75
_LABELS = {
    ScopeKind.RUN: "this run",
    ScopeKind.COMMIT: "this commit",
    ScopeKind.VERSION: "this subject version",
    ScopeKind.ENVIRONMENT: "this subject in this environment",
}
_NOTHING_MORE = "It allows nothing besides what is in this war room"


def label(scope: OfferedScope) -> str:
    """What a scope is called, as it came; of a condition, its words."""
    return _LABELS.get(scope.kind) or scope.words or scope.name or scope.kind


def inputs(about: About, until: str) -> list[Block]:
    """A choice where there is one, and what each scope also allows; `until` is the end in words."""
    there = _offered(about)
    options = [option(plain(label(each), _LABEL), scopes.name_of(each)) for each in there]
    chosen: list[Block] = []
    if len(there) > 1:
        chosen = [select(SCOPE, "What does it hold for?", options, options[0]["value"])]
    return [*chosen, *sections(_allowed(about, there, until))]


def _allowed(about: About, there: list[OfferedScope], until: str) -> list[str]:
    room, report = about.room, about.room.violation.report
    if not there:
        return [f"{_NOTHING_MORE}, {until}."]
    said = []
    for each in there:
        words = outside(scopes.words(about.policy, report, each, room.severity), WORDS)
        said.append(f"*{outside(label(each), _LABEL)}* also allows: {words}, {until}.")
    if room.count > 1:
        said.append("So it is for each of the violations in this room that the scope fits.")
    return said


def _offered(about: About) -> list[OfferedScope]:
    policy, violation = about.policy, about.room.violation
    whole = violation.but(report=violation.report.but(facts=about.facts))
    return list(scopes.offered(policy, whole.report, holding(policy, whole))[:OPTIONS])
