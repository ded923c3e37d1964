"""The modals: what a verb's form asks for, and a report by hand.

Rules
- A block's id is its input's action id, and names what is asked; the callback id names the modal.
- The private metadata holds ids and a number only: the room, whether the modal was opened at Home,
  and how many violations the person was shown.
- What Slack can check (lengths, choices) it checks; everything is checked again on submission.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.policy import Policy
from bot.domain.violation import Severity
from bot.integrations.slack.show import cards, earlier, explained, held_back, participants
from bot.integrations.slack.show.blocks import OPTIONS, Detail, context, option, section, sections
from bot.integrations.slack.show.inputs import (
    field,
    holding,
    line,
    long_text,
    modal,
    optional,
    select,
)
from bot.integrations.slack.show.text import Block, View, plain
from bot.integrations.slack.show.violation import happened, joined_since, named, whole_story
from bot.integrations.slack.verbs.verb import Form, FormContext

OPEN_MODAL = "open_modal"
DECIDED_ON = Detail(joined=5, line=160, links=1500, quote=600)
NOTHING: Mapping[str, str] = MappingProxyType({})
_ID = re.compile(r"[0-9a-z]{1,64}", re.ASCII)
_NAME, _ADDRESS = 200, 2000


@dataclass(frozen=True, slots=True)
class Reference:
    """What a modal is about: which room, whether it was opened at Home, and how much was shown.

    Of a modal about an exception or a follow-up it is the id of that.

    `shown_count` is the number of violations that the person was shown; 0: not known.
    """

    room_id: str = ""
    at_home: bool = False
    shown_count: int = 0

    def written(self) -> str:
        """As private metadata."""
        return json.dumps({"room": self.room_id, "home": self.at_home, "seen": self.shown_count})


def reference(metadata: str) -> Reference:
    """What private metadata refers to; a bare room id will do."""
    try:
        read = json.loads(metadata)
    except ValueError:
        return Reference(metadata)
    if not isinstance(read, dict):
        return Reference(metadata)
    count = read.get("seen")
    shown_count = count if isinstance(count, int) and count > 0 else 0
    return Reference(str(read.get("room") or ""), read.get("home") is True, shown_count)


def loggable(room_id: str) -> str | None:
    """A room's id for the log; None for what can't be one, and may be anything."""
    return room_id if _ID.fullmatch(room_id) else None


def form_modal(
    form: Form,
    about: FormContext,
    metadata: Reference,
    entries: Mapping[str, str] = NOTHING,
    since: int = 0,
) -> View:
    """The modal of a verb's form, headed by the room that it is about.

    One that decides shows what is decided. Shown anew it holds the `entries` made before, and says
    which violations joined `since` then.
    """
    room = about.room
    blocks = [
        *([section(joined_since(room, since))] if since > 0 else []),
        *(decided_on(about) if form.decides else [section(named(room))]),
        context(f"War room `{room.id}`"),
        *(holding(block, entries) for block in form.inputs(about)),
    ]
    return modal(form.callback_id, form.title, form.submit, metadata.written(), blocks)


def decided_on(about: FormContext) -> list[Block]:
    """What a decision settles: what happened with its facts, who made it, until when it is open.

    Where one person alone can't allow it, that is said too, and what others would allow.
    """
    room = about.room
    return [
        section(cards.urgency(room, about.policy)),
        section(happened(about)),
        *whole_story(about, DECIDED_ON),
        *sections([participants.initiators(room), earlier.line(about.earlier)]),
        *held_back.lines(room, about.policy),
        *explained.blocks(room, DECIDED_ON),
    ]


def open_modal(policies: Mapping[str, Policy]) -> View:
    """A violation that a person reports by hand; who made it is theirs to say."""
    rules = [option(plain(policy.title, 75), policy.id) for policy in policies.values()]
    grades = [option(severity.capitalize(), severity.value) for severity in Severity]
    who: Block = {"type": "users_select"}
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
    metadata = Reference().written()
    return modal(OPEN_MODAL, "Report a violation", "Open war room", metadata, blocks)
