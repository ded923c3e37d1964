"""The modals: what a decision, a question or a report by hand has to say.

Rules
- A block's id is its input's action id, and names what is asked; the callback id names the modal.
- The private metadata holds ids only: the room, and whether the modal was opened at Home.
- What Slack can check (lengths, choices) it checks; everything is checked again on submission.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain import duration
from bot.domain.handlers import TEXT_MOST
from bot.domain.policy import Policy, Role
from bot.domain.violation import Severity
from bot.domain.war_room import Category, WarRoom
from bot.integrations.slack.show import decision
from bot.integrations.slack.show.blocks import OPTIONS, context, option, section
from bot.integrations.slack.show.buttons import duties
from bot.integrations.slack.show.inputs import field, line, long_text, modal, optional, select
from bot.integrations.slack.show.text import Block, View, long, outside, plain
from bot.integrations.slack.show.violation import label_of, named
from bot.policies.people import Directory

_ID = re.compile(r"[0-9a-z]{1,64}", re.ASCII)
_NAME, _ADDRESS = 200, 2000
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VALIDITIES = (_HOUR, 4 * _HOUR, *(n * _DAY for n in (1, 2, 3, 7, 14, 30, 60, 90, 180, 365)))
EXTENSIONS = (
    *(n * _MINUTE for n in (5, 15, 30)),
    *(n * _HOUR for n in (1, 2, 4, 8, 12)),
    *(n * _DAY for n in (1, 2, 4, 7)),
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a modal is about: a room's id, whether it was opened at Home, what was `seen` of it."""

    room_id: str = ""
    at_home: bool = False
    seen: int = 0

    def written(self) -> str:
        """As private metadata."""
        return json.dumps({"room": self.room_id, "home": self.at_home, "seen": self.seen})


def reference(metadata: str) -> Reference:
    """What private metadata refers to; a bare room id will do."""
    try:
        read = json.loads(metadata)
    except ValueError:
        return Reference(metadata)
    if not isinstance(read, dict):
        return Reference(metadata)
    seen = read.get("seen")
    counted = seen if isinstance(seen, int) and seen > 0 else 0
    return Reference(str(read.get("room") or ""), read.get("home") is True, counted)


def known_form(room_id: str) -> str | None:
    """A room's id for the log; None for what can't be one, and may be anything."""
    return room_id if _ID.fullmatch(room_id) else None


def override_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """A documented exception: why, of which kind, for how long."""
    rule = policy.override
    least = min(rule.min_justification, TEXT_MOST)
    hint = (
        f"At least {least} characters. It becomes part of the record: what speaks for the "
        "exception, what covers the risk, what happens before it ends."
    )
    kinds = [option(name.capitalize(), kind.value) for kind, name in decision.CATEGORIES.items()]
    spans = [
        option(_span(span, rule.max_validity), duration.text(span))
        for span in choices(VALIDITIES, rule.max_validity)
    ]
    blocks = [
        *_about(room, policy),
        long_text("justification", "Justification", hint, least),
        select("category", "Kind of exception", kinds, initial=Category.WAIVER),
        select("validity", "How long does it hold?", spans),
    ]
    return modal("override_modal", "Override", about.written(), blocks)


def reject_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """The change stays blocked: why."""
    hint = "What would have to change? The initiator reads this."
    blocks = [*_about(room, policy), long_text("reason", "Reason", hint)]
    return modal("reject_modal", "Reject", about.written(), blocks)


def dismiss_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """It was not a violation: why."""
    hint = "Why is the finding wrong? The change is allowed, and the record keeps this."
    blocks = [*_about(room, policy), long_text("reason", "Reason", hint)]
    return modal("dismiss_modal", "Not a violation", about.written(), blocks, submit="Dismiss")


def request_info_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """A question to the initiator."""
    hint = "The initiator is told at once; the clock goes on."
    blocks = [*_about(room, policy), long_text("question", "Question", hint)]
    return modal("request_info_modal", "Ask for information", about.written(), blocks, submit="Ask")


def explain_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """The initiator's side."""
    asked = [section(f"*You were asked:* {outside(room.question, 1000)}")] if room.question else []
    hint = "What happened, and why? Everybody in the war room reads this."
    blocks = [*_about(room, policy), *asked, long_text("text", "Explanation", hint)]
    return modal("explain_modal", "Explain", about.written(), blocks)


def extend_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """More time: how much, and why."""
    left = room.window - room.extended_by
    spans = [option(long(span), duration.text(span)) for span in choices(EXTENSIONS, left)]
    blocks = [
        *_about(room, policy),
        select("by", "By how much?", spans),
        long_text("reason", "Reason", "What is needed that the window is too short for?"),
    ]
    return modal("extend_modal", "Extend the window", about.written(), blocks, submit="Extend")


def handoff_modal(
    room: WarRoom, policy: Policy, about: Reference, user: str, people: Directory
) -> View:
    """Somebody else takes over a role of `user`'s."""
    blocks = [*_about(room, policy), select("to", "To whom?", heirs(room, user, people))]
    return modal("handoff_modal", "Hand off", about.written(), blocks)


def set_apart_modal(room: WarRoom, policy: Policy, about: Reference) -> View:
    """Which violation of a storm gets a room of its own."""
    by_key = {violation.report.key: violation for violation in room.violations}
    newest = list(reversed(by_key.values()))
    which = [option(plain(label_of(each), 75), each.id) for each in newest[:OPTIONS]]
    what = "It leaves this room for one of its own, with the same policy and a window from now on."
    more = f" Slack shows {OPTIONS} at most: these are the newest of {len(newest)}."
    blocks = [
        *_about(room, policy),
        select("violation", "Which one?", which),
        context(what + (more if len(newest) > OPTIONS else "")),
    ]
    name = "Settle one apart"
    return modal("set_apart_modal", name, about.written(), blocks, submit="Settle apart")


def open_modal(policies: Mapping[str, Policy], reporter: str) -> View:
    """A violation that a person reports by hand."""
    rules = [option(plain(policy.title, 75), policy.id) for policy in policies.values()]
    grades = [option(severity.capitalize(), severity.value) for severity in Severity]
    who: Block = {"type": "users_select", "initial_user": reporter}
    blocks = [
        select("policy", "Which policy was broken?", rules[:OPTIONS]),
        line("title", "What happened?", "ranker fine-tuned on customers_eu", most=300),
        optional(select("severity", "How severe? (as in the policy, if left empty)", grades)),
        field("initiator", "Who made the change?", who),
        optional(
            line("subject", "Which model, dataset, artifact or deployment?", "ranker", most=_NAME)
        ),
        optional(long_text("description", "What else is known?", "Facts, and where they stand.")),
        optional(line("url", "A link to it", "https://", most=_ADDRESS)),
    ]
    return modal(
        "open_modal", "Report a violation", Reference().written(), blocks, submit="Open war room"
    )


def choices(usual: Iterable[timedelta], most: timedelta) -> list[timedelta]:
    """The usual durations below `most`, and `most` itself; none where nothing is possible."""
    return [*(span for span in usual if span < most), most] if most > timedelta(0) else []


def heirs(room: WarRoom, user: str, people: Directory) -> list[Block]:
    """Who may take over from `user`: an option for each person and role."""
    return [
        option(f"{_name(heir, people)}, {role}", f"{role}:{heir}")
        for role in duties(room, user)
        for heir in room.seat(role).holders
        if heir != user
    ][:OPTIONS]


def heir(value: str) -> tuple[Role, str] | None:
    """The role and the person that an option of `heirs` means."""
    role, _, user = value.partition(":")
    return (Role(role), user) if role in set(Role) and user else None


def _span(span: timedelta, longest: timedelta) -> str:
    return f"{long(span)}, the longest possible" if span == longest else long(span)


def _name(user: str, people: Directory) -> str:
    person = people.by_slack(user)
    return plain(person.key, 50) if person else user


def _about(room: WarRoom, policy: Policy) -> list[Block]:
    return [section(named(room)), context(f"{outside(policy.title, 300)} · `{room.id}`")]
