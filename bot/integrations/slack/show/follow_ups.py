"""Follow-ups as people see them: the message that asks, a line in a list, what is said of the end.

Rules
- What is asked comes first, then what it is about and until when; once it is closed, how.
- A button's value is the follow-up's id. Whoever clicks is checked then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import facts
from bot.domain.count import counted
from bot.domain.follow_up import Closure, FollowUp, FollowUpKind, SampleAnswer
from bot.domain.person import SYSTEM
from bot.domain.policy import Policy
from bot.domain.violation import Violation
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import exceptions, links
from bot.integrations.slack.show.blocks import (
    Detail,
    actions,
    context,
    divider,
    fitting,
    quoted,
    section,
    sections,
    words,
)
from bot.integrations.slack.show.inputs import line as text_line
from bot.integrations.slack.show.inputs import long_text, modal, optional, reason
from bot.integrations.slack.show.text import Block, Rendered, View, date, outside, person, utc

YES, NO, DONE = "follow_up_yes", "follow_up_no", "follow_up_done"
NO_MODAL, DONE_MODAL = "follow_up_no_modal", "follow_up_done_modal"
ACTIONS, MODALS = (YES, NO, DONE), (NO_MODAL, DONE_MODAL)
SHOWN = 5  # in a list
_TITLE, _POLICY, _FACT, _LINK = 300, 200, 240, 2000
_SMALL = 100  # in a small line, where Slack counts each `&` as five characters


@dataclass(frozen=True, slots=True)
class Question:
    """What a kind of follow-up asks: in a few words, and in a sentence or two."""

    short: str
    whole: str


_QUESTIONS: Mapping[FollowUpKind, Question] = {
    FollowUpKind.SAMPLE: Question(
        "Would you have cleared this?",
        "A rule of the policy cleared it, and nobody was asked. It is in the sample that is looked "
        "at afterwards; your answer changes no verdict, and no pipeline waits for it.",
    ),
    FollowUpKind.RENEWAL: Question(
        "Is this exception still needed?",
        "It ends before long. Renew it or let it end, and say here what was done.",
    ),
}
_ANSWERS: Mapping[SampleAnswer, str] = {
    SampleAnswer.YES: "✅ *Yes*, it would have been cleared",
    SampleAnswer.NO: "⛔ *No*, it would not have been cleared",
}


@dataclass(frozen=True, slots=True)
class OwedAbout:
    """A follow-up with all that is told of it, as far as it is there."""

    owed: FollowUp
    policy: Policy | None
    violation: Violation | None
    room: WarRoom | None


def message(about: OwedAbout) -> Rendered:
    """The direct message that asks its owner; once it is closed, how it was."""
    owed = about.owed
    if owed.closure:
        return _closed(about, owed.closure)
    question = question_of(owed)

    def blocks(detail: Detail) -> list[Block]:
        return [
            section(f"*{question.short}* {question.whole}"),
            *_about(about, detail),
            section(f"Please answer by {date(owed.until)}."),
            *buttons(owed),
            _foot(owed),
        ]

    text = f"{question.short} {outside(owed.title, _TITLE)}, until {utc(owed.until)}"
    return Rendered(text, fitting(blocks))


def question_of(owed: FollowUp) -> Question:
    """What it asks; of a kind that only a newer version knows, its name."""
    named = Question(f"You owe a {owed.kind}.", "Say here what was done.")
    return _QUESTIONS.get(owed.kind, named)


def reminder(owed: FollowUp, now: datetime) -> Rendered:
    """What its owner is told before the end, and at the end."""
    question, title = question_of(owed).short, outside(owed.title, _TITLE)
    if now < owed.until:
        said = f"⏳ *{question}* This is owed until {date(owed.until)}: {title}"
    else:
        said = f"⚠ *{question}* This was owed until {date(owed.until)}, and still is: {title}"
    return Rendered(f"{question} {title}, until {utc(owed.until)}", [section(said)])


def heading(owed: Sequence[FollowUp]) -> str:
    """How much somebody owes, in a few words."""
    return f"{counted(len(owed), 'follow-up')} to do"


def listed(owed: Sequence[FollowUp], now: datetime) -> list[Block]:
    """The first few, each with its buttons; and how many more there are."""
    blocks: list[Block] = []
    for each in owed[:SHOWN]:
        blocks += [divider(), section(_in_a_line(each, now)), *buttons(each)]
    if len(owed) > SHOWN:
        blocks.append(context(f"… and {len(owed) - SHOWN} more to follow up"))
    return blocks


def buttons(owed: FollowUp) -> list[Block]:
    """What its owner can answer."""
    if owed.kind is FollowUpKind.SAMPLE:
        return actions([_button(YES, "Yes", owed), _button(NO, "No, because…", owed)])
    of = owed.exception_id
    renewal = [exceptions.button(each, of) for each in exceptions.ACTIONS] if of else []
    return actions([*renewal, _button(DONE, "Done…", owed)])


def no_modal(owed: FollowUp, metadata: str) -> View:
    """Asks why a sample would not have been cleared."""
    hint = "What should the rule have asked? The record keeps this."
    return modal(NO_MODAL, "Not cleared", "Answer", metadata, [*_named(owed), reason(hint)])


def done_modal(owed: FollowUp, metadata: str) -> View:
    """Asks for a link or a reason."""
    blocks = [
        *_named(owed),
        optional(text_line("link", "A link to what was done", "https://", most=_LINK)),
        optional(long_text("reason", "Or what was done, and why", "One of the two is needed.")),
    ]
    return modal(DONE_MODAL, "Done", "Done", metadata, blocks)


def _named(owed: FollowUp) -> list[Block]:
    title = f"*{question_of(owed).short}* {outside(owed.title, _TITLE)}"
    return [section(title), context(f"Follow-up `{owed.id}`")]


def _in_a_line(owed: FollowUp, now: datetime) -> str:
    end = f"{'overdue since' if now >= owed.until else 'by'} {date(owed.until)}"
    title, policy = outside(owed.title, _TITLE), outside(owed.policy_id, _POLICY)
    return f"*{question_of(owed).short}* {title}\n{policy} · {end}"


def _about(about: OwedAbout, detail: Detail) -> list[Block]:
    """What it is about: title, policy, the facts that say most, and where it happened."""
    owed, violation = about.owed, about.violation
    policy = about.policy.title if about.policy else owed.policy_id
    led_to = "Cleared" if owed.kind is FollowUpKind.SAMPLE else "Raised"
    lines = [
        f"*{outside(owed.title, _TITLE)}*",
        f"Policy “{outside(policy, _POLICY)}”",
        f"{led_to} by {outside(owed.because, _TITLE)}",
    ]
    if violation:
        told = facts.telling(violation.report.facts)
        lines += [f"• {outside(fact.words, _FACT)}" for fact in told]
        origin = violation.report.origin
        where = (
            links.place(origin, detail.line),
            links.commit(origin),
            links.links(violation, detail.links),
        )
        lines.append(" · ".join(filter(None, where)))
    if about.room and (channel := links.channel(about.room)):
        lines.append(f"The war room: {channel}")
    return sections(filter(None, lines))


def _closed(about: OwedAbout, closure: Closure) -> Rendered:
    """How it was closed, and what it was about."""
    owed, told = about.owed, _by(about.owed, closure)
    link = [section(links.address(closure.link))] if closure.link else []

    def blocks(detail: Detail) -> list[Block]:
        reason = quoted("*Reason*", closure.reason, detail.quote) if closure.reason else []
        return [section(told), *_about(about, detail), *link, *reason, _foot(owed)]

    return Rendered(told, fitting(blocks))


def _by(owed: FollowUp, closure: Closure) -> str:
    who, when = person(owed.closed_by), date(closure.at)
    if closure.by == SYSTEM:
        return f"✅ *Settled*, so that nobody has to do anything, {when}"
    if closure.answer is None:
        return f"✅ *Done*, says {who}, {when}"
    answer = _ANSWERS.get(closure.answer, outside(closure.answer, _POLICY))
    return f"{answer}, says {who}, {when}"


def _foot(owed: FollowUp) -> Block:
    parts = [
        f"Follow-up `{owed.id}`",
        f"violation `{owed.violation_id}`" if owed.violation_id else "",
        f"war room `{owed.room_id}`" if owed.room_id else "",
        f"policy {outside(owed.policy_id, _SMALL)}",
        f"team {outside(owed.team, _SMALL)}" if owed.team else "",
    ]
    return context(" · ".join(filter(None, parts)))


def _button(action_id: str, label: str, owed: FollowUp) -> Block:
    return {"type": "button", "action_id": action_id, "text": words(label), "value": owed.id}
