"""Each union and the tables that go with it name the same things: nothing is known by half."""

from typing import Any, get_args

import pytest

from bot.domain import (
    access,
    checkpoint,
    clearance,
    configuration,
    erasure,
    exception,
    follow_up,
    follow_up_lifecycle,
    hold,
)
from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.aggregate import Aggregate, Happened, Recorded, Step, Unknown
from bot.domain.exception_life import EXCEPTION
from bot.domain.fold import evolve
from bot.domain.follow_up_fold import evolve as evolve_follow_up
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.ladder import TIMERS
from bot.domain.lifecycle import TABLE, WAR_ROOM
from bot.domain.order import Order
from bot.domain.person import SYSTEM
from bot.domain.policy import Rung
from bot.domain.war_room import State
from bot.engine.aggregates import AGGREGATES
from bot.integrations.slack.follow import FOLLOW as SLACK_FOLLOWS
from bot.integrations.slack.follow_ups import FOLLOW as FOLLOW_UPS_FOLLOW
from tests.build import EVERYBODY, START, jude, room, val
from tests.domain.test_follow_up import owed as sample
from tests.domain.test_lifecycle import ORDERS
from tests.examples import (
    OF_A_FOLLOW_UP,
    OF_A_ROOM,
    OF_AN_EXCEPTION,
    OF_THE_CONFIGURATION,
    kind_of,
)
from tests.outgoing import BUILT_IN, FOLLOWING

COMMANDS = frozenset(get_args(c.Command))
EVENTS = frozenset(get_args(e.Event))
ABSTRACT = {Order, c.Deciding}


def test_every_command_and_every_event_there_is_stands_in_its_union() -> None:
    defined = {each for each in vars(c).values() if isinstance(each, type)}
    assert {each for each in defined if issubclass(each, Order)} == COMMANDS | ABSTRACT
    for module, union in (
        (e, EVENTS),
        (configuration, set(get_args(configuration.Event))),
        (follow_up, set(get_args(follow_up.Event))),
        (exception, set(get_args(exception.Event))),
    ):
        defined = {each for each in vars(module).values() if isinstance(each, type)}
        happened = {each for each in defined if issubclass(each, Happened)} - {Happened}
        assert happened == union - {Unknown}


def test_every_command_has_a_row_and_no_row_is_of_anything_else() -> None:
    assert {command for _, command in TABLE} == COMMANDS


def test_what_people_may_give_are_commands_and_the_rest_is_given_by_the_room_itself() -> None:
    assert access.HUMAN < COMMANDS
    deciding = {each for each in COMMANDS if issubclass(each, c.Deciding)}
    assert deciding <= access.HUMAN
    for command in access.HUMAN:
        assert access.roles_that_may(room(), command)


def test_every_command_is_tried_in_every_state_by_every_role() -> None:
    assert {type(order) for order in ORDERS} == COMMANDS


def test_every_command_says_what_nobody_may() -> None:
    verbs = [command.verb for command in COMMANDS]
    assert all(verbs)
    assert len(verbs) == len(set(verbs))


def test_there_is_an_example_of_every_event() -> None:
    assert {type(example) for example in OF_A_ROOM} == EVENTS
    for examples, union in (
        (OF_THE_CONFIGURATION, configuration.Event),
        (OF_A_FOLLOW_UP, follow_up.Event),
        (OF_AN_EXCEPTION, exception.Event),
    ):
        assert {type(example) for example in examples} == set(get_args(union)) - {Unknown}


@pytest.mark.parametrize("event", OF_A_ROOM, ids=kind_of)
def test_every_event_of_a_room_has_a_fold_and_leads_to_effects_of_registered_kinds(
    event: e.Event,
) -> None:
    before = None if isinstance(event, e.Opened) else room()
    seq = before.version + 1 if before else 1
    recorded = Recorded(seq=seq, at=START, actor=val.name, event=event, state=State.OPEN)
    after = evolve(before, recorded)
    assert after.version == seq
    FOLLOWING.after(WAR_ROOM.kind, before, Step(after, (recorded,)), [after], START)
    assert type(event) in SLACK_FOLLOWS


@pytest.mark.parametrize("event", OF_THE_CONFIGURATION, ids=kind_of)
def test_every_event_of_the_configuration_has_a_fold(event: configuration.Event) -> None:
    recorded = Recorded(seq=1, at=START, actor=SYSTEM, event=event, state=configuration.LOADED)
    assert configuration.evolve(None, recorded).version == 1


@pytest.mark.parametrize("event", OF_A_FOLLOW_UP, ids=kind_of)
def test_every_event_of_a_follow_up_has_a_fold_and_leads_to_effects_of_registered_kinds(
    event: follow_up.Event,
) -> None:
    before = None if isinstance(event, follow_up.FollowUpOwed) else sample()
    seq = before.version + 1 if before else 1
    recorded = Recorded(seq=seq, at=START, actor=SYSTEM, event=event, state="open", met=EVERYBODY)
    after = evolve_follow_up(before, recorded)
    assert after.version == recorded.seq
    FOLLOWING.after(FOLLOW_UP.kind, before, Step(after, (recorded,)), [after], START)
    assert type(event) in FOLLOW_UPS_FOLLOW


@pytest.mark.parametrize("event", OF_AN_EXCEPTION, ids=kind_of)
def test_every_event_of_an_exception_has_a_fold(event: exception.Event) -> None:
    granted = Recorded(
        seq=1, at=START, actor=jude.name, event=OF_AN_EXCEPTION[0], state="active", met=(jude,)
    )
    before = EXCEPTION.evolve(None, granted)
    assert before.people == {jude.name: jude}
    if event is not OF_AN_EXCEPTION[0]:
        recorded = Recorded(seq=2, at=START, actor=SYSTEM, event=event, state="active")
        assert EXCEPTION.evolve(before, recorded).version == 2


def test_followers_act_on_events_that_there_are() -> None:
    known = {event for aggregate in AGGREGATES for event in aggregate.events}
    for follower in BUILT_IN.followers:
        assert follower.keys() <= known


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda aggregate: aggregate.kind)
def test_an_aggregate_lists_its_events_each_with_a_kind_of_its_own(
    aggregate: Aggregate[Any, Any, Any],
) -> None:
    union = {
        WAR_ROOM.kind: e.Event,
        configuration.KIND: configuration.Event,
        clearance.KIND: clearance.AutoCleared,
        follow_up_lifecycle.KIND: follow_up.Event,
        EXCEPTION.kind: exception.Event,
        erasure.KIND: erasure.Event,
        hold.KIND: hold.Event,
        checkpoint.KIND: checkpoint.Event,
    }[aggregate.kind]
    assert set(aggregate.events) == set(get_args(union) or (union,)) - {Unknown}
    kinds = [event.model_fields["kind"].default for event in aggregate.events]
    assert len(kinds) == len(set(kinds))
    assert all(event.schema_number >= 1 for event in aggregate.events)


def test_the_clock_knows_a_timer_for_each_step_of_a_ladder() -> None:
    assert set(Rung) < TIMERS
