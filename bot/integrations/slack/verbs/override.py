"""Override: a documented exception, with its justification, its kind, its scope and its end."""

from datetime import datetime, timedelta

from bot.domain import access, duration
from bot.domain.ask import TEXT_MOST
from bot.domain.commands import Override
from bot.domain.war_room import Category
from bot.integrations.slack.show import scope
from bot.integrations.slack.show.blocks import option
from bot.integrations.slack.show.decision import CATEGORIES
from bot.integrations.slack.show.inputs import long_text, review, select, validity
from bot.integrations.slack.show.text import Block
from bot.integrations.slack.verbs.entries import Entries, InvalidInputError, day, span
from bot.integrations.slack.verbs.verb import Form, FormContext, Verb

_UNTIL = "until the end of the validity you choose"


def inputs(context: FormContext) -> list[Block]:
    """Why, of which kind, for how long and for what, within what the policy allows.

    Only the scope is preset, the narrowest, and a validity where no other is possible.
    """
    rule = context.policy.override
    least = min(rule.min_justification, TEXT_MOST)
    hint = (
        f"At least {least} letters and digits. It becomes part of the record: what speaks for "
        "the exception, what covers the risk, what happens before it ends."
    )
    kinds = [option(name.capitalize(), kind.value) for kind, name in CATEGORIES.items()]
    return [
        long_text("justification", "Justification", hint, least),
        select("category", "Kind of exception", kinds),
        validity("How long does it hold?", rule.max_validity),
        *scope.inputs(context, _UNTIL),
        review(),
    ]


def read(entries: Entries, now: datetime) -> Override:
    """The override that was entered. InvalidInputError without its category or validity."""
    errors: dict[str, str] = {}
    category = entries.get("category", "")
    if category not in set(Category):
        errors["category"] = f"Choose {' or '.join(Category)}."
    try:
        holds = span(entries.get("validity", ""), now)
    except ValueError:
        errors["validity"] = f"Choose how long it holds: {duration.NEEDED}."
    if errors:
        raise InvalidInputError(errors)
    return Override(
        justification=entries.get("justification", ""),
        category=Category(category),
        validity=holds,
        scope=entries.get(scope.SCOPE, ""),
        review_at=day(entries.get("review")),
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
