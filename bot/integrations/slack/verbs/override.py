"""Override: a documented exception, with its justification, its kind and its end."""

from datetime import datetime, timedelta

from bot.domain import access, duration
from bot.domain.ask import TEXT_MOST
from bot.domain.commands import Override
from bot.domain.war_room import Category
from bot.integrations.slack.show.blocks import option
from bot.integrations.slack.show.decision import CATEGORIES
from bot.integrations.slack.show.inputs import long_text, offered, select
from bot.integrations.slack.show.text import Block, long
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, span
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_VALIDITIES = (_HOUR, 4 * _HOUR, *(n * _DAY for n in (1, 2, 3, 7, 14, 30, 60, 90, 180, 365)))


def inputs(context: FormContext) -> list[Block]:
    """Why, of which kind and for how long, within what the policy allows; nothing is preset."""
    rule = context.policy.override
    least = min(rule.min_justification, TEXT_MOST)
    hint = (
        f"At least {least} letters and digits. It becomes part of the record: what speaks for "
        "the exception, what covers the risk, what happens before it ends."
    )
    kinds = [option(name.capitalize(), kind.value) for kind, name in CATEGORIES.items()]
    longest = rule.max_validity
    spans = [
        option(
            f"{long(time)}, the longest possible" if time == longest else long(time),
            duration.text(time),
        )
        for time in offered(_VALIDITIES, longest)
    ]
    return [
        long_text("justification", "Justification", hint, least),
        select("category", "Kind of exception", kinds),
        select("validity", "How long does it hold?", spans),
    ]


def read(entries: Entries, now: datetime) -> Override:
    """The override that was entered. InvalidInputError without its category or validity."""
    errors: dict[str, str] = {}
    category = entries.get("category", "")
    if category not in set(Category):
        errors["category"] = f"Choose {' or '.join(Category)}."
    try:
        validity = span(entries.get("validity", ""), now)
    except ValueError:
        errors["validity"] = f"Choose how long it holds: {duration.NEEDED}."
    if errors:
        raise InvalidInputError(errors)
    return Override(
        justification=entries.get("justification", ""),
        category=Category(category),
        validity=validity,
    )


OVERRIDE = Verb(
    action_id="override",
    label="Override…",
    has_button=True,
    on_card=lambda room: bool(access.roles_that_may(room, Override)),
    act=Form(
        callback_id="override_modal",
        title="Override",
        submit="Override",
        command=Override,
        inputs=inputs,
        read=read,
        empty=lambda _: Override(justification="", category=Category.WAIVER, validity=timedelta(0)),
    ),
)
