"""The registry of verbs, and a verb that it has never heard of."""

import pytest

from bot.domain import access
from bot.domain import commands as c
from bot.domain.war_room import Outcome
from bot.integrations.extension import Extension
from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.inputs import long_text
from bot.integrations.slack.verbs.registry import VERBS
from bot.integrations.slack.verbs.verb import (
    AtOnce,
    Form,
    FormContext,
    Verb,
)
from tests.build import JUDE, POLICY, START, VAL, jude, room, val
from tests.choosing import choose
from tests.holding import Holding
from tests.slack.conftest import World, channel_of

FORMS = [verb.act for verb in VERBS if isinstance(verb.act, Form)]
WAVE_THROUGH = Verb(
    action_id="wave_through",
    label="Wave through",
    has_button=True,
    act=AtOnce(c.Approve(reason="Seen on the phone."), receipt="Waved through."),
)
TURN_DOWN = Verb(
    action_id="turn_down",
    label="Turn down…",
    act=Form(
        callback_id="turn_down_modal",
        title="Turn down",
        submit="Turn down",
        command=c.Reject,
        inputs=lambda _: [long_text("instead", "What instead?", "One line is enough.")],
        read=lambda entries, _: c.Reject(reason=f"Instead: {entries.get('instead', '')}"),
        empty=lambda _: c.Reject(reason=""),
    ),
)


async def _echo(invocation: Invocation) -> Reply:
    return f"You said: {invocation.words}"


@pytest.fixture
def added() -> Extension:
    echo = Subcommand("echo WORDS: the same again", _echo)
    return Extension(verbs=(WAVE_THROUGH, TURN_DOWN), subcommands=(echo,))


def test_there_is_a_verb_for_each_command_that_a_person_may_give() -> None:
    assert {verb.command for verb in VERBS} == access.HUMAN


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.action_id)
def test_a_verb_has_a_label_and_a_form_where_its_command_needs_something_said(verb: Verb) -> None:
    """Taking the change back needs no words, and isn't done by one click either."""
    assert verb.label.strip()
    needed = [name for name, of in verb.command.model_fields.items() if of.is_required()]
    assert isinstance(verb.act, Form) is (bool(needed) or verb.command is c.Withdraw)


def test_no_two_verbs_answer_to_one_name() -> None:
    for ids in ([verb.action_id for verb in VERBS], [form.callback_id for form in FORMS]):
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.callback_id)
def test_a_form_gives_the_command_whose_rights_its_verb_has(form: Form) -> None:
    empty = form.empty(FormContext(room(), POLICY, {}, START, name=val.name, store=Holding()))
    assert type(empty) is form.command


def test_a_verb_without_one_of_its_parts_is_a_type_error() -> None:
    """Each ignore is needed, or the type check fails."""
    with pytest.raises(TypeError, match="label"):
        Verb(action_id="x", act=AtOnce(c.Acknowledge()))  # type: ignore[call-arg] # no label
    with pytest.raises(TypeError, match="act"):
        Verb(action_id="x", label="X")  # type: ignore[call-arg] # neither command nor form
    with pytest.raises(TypeError, match="command"):
        AtOnce()  # type: ignore[call-arg] # no command


async def test_an_unheard_of_verb_has_the_button_that_it_asks_for_and_decides(
    world: World,
) -> None:
    room = await world.open_room()
    page = room.pages[val.name].channel
    for channel in (channel_of(room), page):
        message = await world.people.wait_for_message(
            user=VAL, channel=channel, holds=lambda shown: "wave_through" in shown.action_ids
        )
        assert "Wave through" in message.words
    await world.people.click(user=VAL, channel=page, action_id="wave_through")
    decision = (await world.room(room.id)).decision
    assert decision
    assert (decision.outcome, decision.by) == (Outcome.APPROVED, val.name)
    assert decision.reason == "Seen on the phone."
    told = await world.people.wait_for_message(
        user=VAL, channel=page, holds=lambda message: message.ephemeral
    )
    assert told.text == "Waved through."


async def test_an_unheard_of_form_is_opened_by_the_menu_and_decides(world: World) -> None:
    room = await world.open_room()
    await choose(world.people, user=JUDE, channel=room.channel, verb="turn_down")
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="turn_down_modal")
    values = {"instead": "Use the anonymised set."}
    await world.people.submit(user=JUDE, view_id=modal.id, values=values)
    decision = (await world.room(room.id)).decision
    assert decision
    assert (decision.outcome, decision.by) == (Outcome.REJECTED, jude.name)
    assert decision.reason == "Instead: Use the anonymised set."


async def test_whom_the_table_of_rights_refuses_an_unheard_of_verb_refuses(world: World) -> None:
    room = await world.open_room()
    await choose(world.people, user=VAL, channel=room.channel, verb="turn_down")
    told = await world.people.wait_for_message(
        user=VAL, channel=channel_of(room), holds=lambda message: message.ephemeral
    )
    assert "Only the adjudicator" in told.text
    assert (await world.room(room.id)).decision is None


async def test_an_unheard_of_subcommand_answers_and_stands_in_the_help(world: World) -> None:
    given = await world.people.command(user=VAL, channel="C0GENERAL", text="/warroom echo  hello")
    helped = await world.people.command(user=VAL, channel="C0GENERAL", text="/warroom")
    words = {
        message.ts: message.words for message in await world.people.messages(VAL, given.channel)
    }
    assert "You said: hello" in words[given.ts or ""]
    assert "/warroom echo WORDS: the same again" in words[helped.ts or ""]
