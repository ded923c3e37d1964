"""I know who this is: somebody behind the change, whom nobody here knows, gets a name."""

from datetime import datetime

from bot.domain.commands import ACCOUNT_SHOWN, NameInitiator
from bot.domain.makers import nameable
from bot.domain.person import SLACK, SYSTEM, unnamed
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.blocks import OPTION_TEXT, OPTIONS, context, option
from bot.integrations.slack.show.inputs import field, select
from bot.integrations.slack.show.participants import account_label
from bot.integrations.slack.show.text import Block, plain
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_NOTE = (
    "They become an initiator: they can explain or withdraw, and decide nothing here. It is "
    "recorded that you said so, and what rests on your word alone you can't allow alone. Whoever "
    "was named before stays an initiator."
)

_KNOWN = "It is known by now who made this change."


def _accounts(room: WarRoom) -> tuple[str, ...]:
    """Of whom nothing is known, or people's words alone: a wrong one can be corrected."""
    return nameable(room.contents.made_by, room.owners, SYSTEM)


def _is_of_use(room: WarRoom) -> bool:
    return bool(_accounts(room))


def inputs(about: FormContext) -> list[Block]:
    """Whom nobody knows, and who in Slack that is."""
    accounts = _accounts(about.room)[:OPTIONS]
    options = [
        option(plain(account_label(account), OPTION_TEXT), account[:ACCOUNT_SHOWN])
        for account in accounts
    ]
    only = options[0]["value"] if len(options) == 1 else None
    return [
        select("account", "Whom do you know?", options, initial=only),
        field("person", "Who is that?", {"type": "users_select"}),
        context(_NOTE),
    ]


def read(entries: Entries, now: datetime) -> NameInitiator:
    """Who was named. InvalidInputError without an account or a person."""
    del now
    missing = {"account": "Choose whom you know.", "person": "Choose who that is."}
    errors = {block: text for block, text in missing.items() if not entries.get(block)}
    if errors:
        raise InvalidInputError(errors)
    return NameInitiator(account=entries["account"], persons=(unnamed(SLACK, entries["person"]),))


IDENTIFY = Verb(
    action_id="identify",
    label="I know who this is…",
    act=Form(
        callback_id="identify_modal",
        title="I know who this is",
        submit="Record",
        command=NameInitiator,
        inputs=inputs,
        read=read,
        obstacle=lambda about: None if _is_of_use(about.room) else _KNOWN,
        empty=lambda _: NameInitiator(account="", persons=()),
        human="person",
    ),
    on_card=_is_of_use,
    of_use=lambda room, _: _is_of_use(room),
)
