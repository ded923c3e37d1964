"""Where it takes two to allow it: whom that waits for, what each of them said, and what lapsed."""

from datetime import timedelta

import pytest

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain import standing
from bot.domain.person import SYSTEM, Person
from bot.domain.policy import Need, ReasonRule, Role
from bot.domain.violation import Success
from bot.domain.war_room import Category, Void, WarRoom
from bot.integrations.slack.show import cards, home, settled
from bot.integrations.slack.verbs.registry import VERBS
from bot.local_slack import SlackMessage
from tests.build import (
    ADA,
    BEA,
    EVE,
    JUDE,
    JUSTIFICATION,
    POLICY,
    VAL,
    VIV,
    acting,
    bea,
    eve,
    jude,
    made_by,
    opened,
    val,
    violation,
    viv,
)
from tests.slack import hostile
from tests.slack.conftest import CONFIG, World, said
from tests.slack.reading import about, words
from tests.slack.test_truth import NOT_ANY_MORE, STRANGER, Place, card, stranger_joined

FIRST = c.Approve(reason="The data set is synthetic, as its card says.")
SECOND = c.Approve(reason="Privacy has seen the consent of all of them.")
DAY = timedelta(days=1)


async def held(world: World) -> Place:
    """A room with a human behind it whom nobody knows."""
    place = Place(world, (await world.open_room()).id)
    await stranger_joined(place)
    return place


async def given(place: Place, user: str) -> list[SlackMessage]:
    """What was sent to somebody, but for their page."""
    return (await place.to(user))[1:]


async def on_card_and_pages(place: Place, *said: str) -> None:
    for look in (await card(place), *[(await place.to(user))[0].words for user in (VAL, JUDE)]):
        for each in said:
            assert each in look, each


async def test_what_both_said_stands_on_the_decided_card_and_pages_and_in_the_result(
    world: World,
) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    await place.give(SECOND, jude.name)
    said = (FIRST.reason, SECOND.reason, f"<@{VAL}> (validator) had proposed to approve")
    await on_card_and_pages(place, *said)
    for message in ((await given(place, JUDE))[-1], (await place.in_channel())[-1]):
        assert all(each.replace(f"<@{VAL}>", "") in message.words for each in said[:2])


async def test_what_both_said_stays_when_the_first_turns_out_to_be_behind_it(
    world: World,
) -> None:
    """After the decision nothing is undone: it was by the two."""
    place = await held(world)
    await place.give(FIRST, val.name)
    await place.give(SECOND, jude.name)
    await place.give(c.IdentifyInitiator(account=STRANGER, persons=(val,)), SYSTEM)
    await on_card_and_pages(place, FIRST.reason, SECOND.reason)


async def test_who_is_unknown_and_by_whose_word_one_is_known_stands_on_the_decided_card(
    world: World,
) -> None:
    place = await held(world)
    other = c.Join(violation=violation(4), makers=made_by(None, "github:other"))
    await place.give(other, SYSTEM)
    await place.give(c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)
    said = f"stranger at GitHub is <@{EVE}>, by the word of <@{JUDE}>"
    assert said in await card(place)
    await place.give(FIRST, val.name)
    await place.give(SECOND, jude.name)
    assert said in await card(place)
    assert "other at GitHub ⚠ (not known here)" in await card(place)


LAPSING: dict[str, tuple[list[tuple[c.Command, str]], str]] = {
    "its author is named": (
        [(c.NameInitiator(account=STRANGER, persons=(val,)), jude.name)],
        "they are behind the change themselves",
    ),
    "its author's change joins": (
        [(c.Join(violation=violation(4), makers=made_by(val)), SYSTEM)],
        "they are behind the change themselves",
    ),
    "it is decided otherwise": (
        [(c.Reject(reason="Not agreed."), jude.name)],
        "it was decided otherwise",
    ),
}


@pytest.mark.parametrize(("given", "since"), LAPSING.values(), ids=list(LAPSING))
async def test_the_card_says_which_proposal_doesnt_count_any_more_and_why(
    world: World, given: list[tuple[c.Command, str]], since: str
) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    assert "doesn't count" not in await card(place)
    for command, name in given:
        await place.give(command, name)
    said = f"<@{VAL}> (validator) had proposed to approve"
    assert f"That doesn't count, since {since}." in await card(place)
    assert said in await card(place)


async def test_what_nobody_allowed_in_time_is_said_to_have_come_to_nothing(world: World) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    await place.move(1)
    assert "since no second person allowed it in time." in await card(place)


async def test_a_proposal_lapses_with_its_authors_role_on_the_card_and_in_messages(
    world: World,
) -> None:
    """It counts again once they have a role again: nothing was decided in between."""
    place = await held(world)
    await place.give(FIRST, val.name)
    room = await place.room()
    told = [message for message in room.standing if message.of == "proposed"]
    assert {message.name for message in told} == {None, jude.name}
    gone = tuple(
        each.but(on_duty=viv.name, others=()) if each.role is Role.VALIDATOR else each
        for each in room.assignments
    )
    later = room.but(assignments=gone)
    shown = words(cards.card(about(later), VERBS).blocks)
    assert "That doesn't count, since they have no role here any more." in shown
    recorded = world.engine.store.event(room, told[0].about)
    for before, after, over in ((room, later, NOT_ANY_MORE), (later, room, FIRST.reason)):
        assert set(told) <= set(standing.outdated(before, after))
        assert over in words(settled.now(recorded, after, POLICY, jude.name).blocks)


async def test_who_was_wrongly_said_to_be_behind_it_is_not_said_to_be_so_any_more(
    world: World,
) -> None:
    """They stay an initiator: a word can't free somebody to allow what may be their own."""
    place = await held(world)
    await place.give(FIRST, val.name)
    for who, by, since in (
        (val, jude, "they are behind the change themselves"),
        (eve, viv, "they were said to be behind the change"),
        (val, jude, "they are behind the change themselves"),
    ):
        await place.give(c.NameInitiator(account=STRANGER, persons=(who,)), by.name)
        assert f"That doesn't count, since {since}." in await card(place)
    assert val.name in (await place.room()).initiators


def test_a_storm_voids_what_was_proposed_without_having_seen_what_joined() -> None:
    room = opened().after.but(is_storm=True)
    unknown = c.Join(violation=violation(2, dedup_key="b"), makers=made_by(None, STRANGER))
    proposed = hostile.after(hostile.after(room, unknown), FIRST, val.name)
    grown = hostile.after(
        proposed, c.Join(violation=violation(3, dedup_key="c"), makers=made_by(eve))
    )
    shown = words(cards.card(about(grown), VERBS).blocks)
    assert "That doesn't count, since more violations have joined since." in shown
    anew = hostile.after(grown, FIRST, val.name)
    assert "doesn't count" not in words(cards.card(about(anew), VERBS).blocks)


def _of_a_stranger() -> WarRoom:
    stranger = c.Join(violation=violation(2), makers=made_by(None, STRANGER))
    return hostile.after(opened().after, stranger)


def test_what_had_no_part_in_the_decision_is_said_with_what_was_true_of_its_author() -> None:
    """Val turns out to be behind it once it is decided: nothing is undone by that."""
    proposed = hostile.after(_of_a_stranger(), FIRST, val.name)
    rejected = hostile.after(proposed, c.Reject(reason="Not agreed."), jude.name)
    known = c.IdentifyInitiator(account=STRANGER, persons=(val,))
    shown = words(cards.card(about(hostile.after(rejected, known)), VERBS).blocks)
    assert "That doesn't count, since they are behind the change themselves." in shown


@pytest.mark.parametrize("why", Void)
def test_why_something_doesnt_count_is_said_in_words(why: Void) -> None:
    proposed = hostile.after(_of_a_stranger(), FIRST, val.name)
    room = proposed.but(proposals=(), voided=(proposed.proposals[0].but(void=why),))
    shown = words(cards.card(about(room), VERBS).blocks)
    assert "That doesn't count, since " in shown
    assert f"since {why}." not in shown


async def test_what_somebody_unknown_adds_voids_what_was_proposed_on_card_and_in_messages(
    world: World,
) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    await stranger_joined(place, 4)
    assert "doesn't count" not in await card(place)  # the same people once more
    await place.give(c.Join(violation=violation(5), makers=made_by(None, "github:b")), SYSTEM)
    assert "That doesn't count, since more violations have joined since." in await card(place)
    (told,) = await given(place, JUDE)
    assert NOT_ANY_MORE in told.words
    await place.give(SECOND, jude.name)
    assert (await place.room()).decision is None


async def test_where_nobody_can_override_as_well_who_may_approve_is_called_and_told_so(
    world: World,
) -> None:
    place = await held(world)
    gone = r.RecordUnreachable(name=bea.name, error="user_disabled")
    await place.give(gone, SYSTEM)
    override = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=DAY)
    await place.give(override, jude.name)
    helps = f"<@{VAL}> may approve, and then <@{JUDE}> can override."
    assert f"Nobody else here can override; {helps}" in await card(place)
    assert "operator" not in await card(place)
    (told,) = await given(place, VAL)
    assert helps in told.words
    news = (await place.in_channel())[-1]
    assert "Nobody else here can override; Val may approve" in news.words
    await _waits(place, {val: f"Waits for your approval: <@{JUDE}> would override it."})
    await place.give(SECOND, val.name)
    assert "Nobody else here can override" not in (await place.in_channel())[-2].words
    assert f"<@{JUDE}> can allow it by now." in await card(place)
    await _waits(
        place,
        {
            val: "Waits for a second person. You would allow it.",
            jude: "Waits for you: you would allow it, and can by now.",
        },
    )
    await place.give(override, jude.name)
    assert (await place.room()).decision


async def test_home_says_whose_word_is_in_the_way_of_them_alone(world: World) -> None:
    place = await held(world)
    await place.give(c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)
    not_alone = f"Held back: <@{JUDE}> can't allow this alone."
    await _waits(place, {val: not_alone, jude: not_alone})


async def test_where_a_word_alone_is_in_the_way_it_is_said_who_cant_and_that_others_can(
    world: World,
) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    await place.give(c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)
    news = (await place.in_channel())[-2].words
    assert "Anybody but Jude can allow it on their own, since" in news
    assert f"<@{VAL}> can allow it by now. The second person may be: <@{JUDE}>" in await card(place)
    await _waits(
        place,
        {
            val: "Waits for you: you would allow it, and can by now.",
            jude: f"Waits for you as the second person: <@{VAL}> would allow it.",
        },
    )
    await place.give(FIRST, val.name)
    assert (await place.room()).decision


async def test_who_was_told_of_an_earlier_proposal_only_is_who_is_not_called_again(
    world: World,
) -> None:
    """Bea has got her role since: she was told of nothing yet."""
    place = await held(world)
    await place.give(FIRST, val.name)
    await place.give(c.HandOff(role=Role.ADJUDICATOR, to=bea), jude.name)
    assert len(await place.to(BEA)) == 1
    for reason in ("It is no violation: the data are synthetic.", "The data are synthetic."):
        await place.give(c.Dismiss(reason=reason), val.name)
        assert [reason in each.words for each in await given(place, BEA)] == [True]


async def test_what_one_person_may_allow_by_now_still_shows_who_would(world: World) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    await place.give(c.IdentifyInitiator(account=STRANGER, persons=(eve,)), SYSTEM)
    assert FIRST.reason in await card(place)
    assert "one person can allow it" in await card(place)
    await world.people.click(user=JUDE, channel=(await place.room()).channel, action_id="approve")
    modal = await world.people.wait_for_modal(user=JUDE, callback_id="approve_modal")
    assert "There is no second decision." in modal.words
    assert FIRST.reason in modal.words


async def test_the_second_person_is_told_and_who_it_may_be_stands_on_the_card(
    world: World,
) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    (told,) = await given(place, JUDE)
    assert FIRST.reason in told.words
    assert "The buttons are on the page above" in told.words
    for user in (ADA, VAL):
        assert await given(place, user) == []
    may = f"The second person may be: <@{JUDE}>, <@{VIV}>, <@{BEA}> (backup)"
    assert may in await card(place)
    assert await place.to(BEA) == []


async def test_where_only_a_backup_may_be_the_second_person_they_are_paged(world: World) -> None:
    """An override's second person is an adjudicator."""
    place = await held(world)
    override = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=DAY)
    await place.give(override, jude.name)
    (page,) = await place.to(BEA)
    assert "You are needed as backup adjudicator." in page.words
    assert JUSTIFICATION in page.words
    assert "override" in page.action_ids
    room = await place.room()
    assert bea.name in room.let_in
    assert f"The second person may be: <@{BEA}> (backup)" in await card(place)
    assert [each.id for each in home.waiting(bea, [room])] == [place.id]
    await place.move(0.5)
    assert len(await place.to(BEA)) == 1  # nobody is paged twice


async def test_where_nobody_on_duty_may_be_it_the_others_of_the_role_are_paged(
    world: World,
) -> None:
    place = await held(world)
    await place.give(r.RecordUnreachable(name=bea.name, error="user_disabled"), SYSTEM)
    await place.give(c.NameInitiator(account=STRANGER, persons=(jude,)), val.name)
    assert (await place.room()).assignment(Role.ADJUDICATOR).on_duty == bea.name
    await place.give(FIRST, val.name)
    (page,) = await place.to(VIV)
    assert FIRST.reason in page.words
    assert f"The second person may be: <@{VIV}>" in await card(place)


async def test_where_nobody_may_be_it_the_card_says_so_and_what_helps(world: World) -> None:
    place = await held(world)
    for name in (viv.name, bea.name, val.name):
        await place.give(r.RecordUnreachable(name=name, error="user_disabled"), SYSTEM)
    await place.give(FIRST, jude.name)
    assert "⚠ Nobody here can be the second person; an operator can assign somebody." in (
        await card(place)
    )


async def test_home_and_mine_say_that_a_room_is_held_and_for_whom_it_waits(world: World) -> None:
    place = await held(world)
    await _waits(place, {val: "Held back", jude: "Held back"})
    await place.give(FIRST, val.name)
    for_jude = f"Waits for you as the second person: <@{VAL}> would allow it."
    await _waits(place, {val: "Waits for a second person. You would allow it.", jude: for_jude})
    await place.give(c.IdentifyInitiator(account=STRANGER, persons=(eve,)), SYSTEM)
    by_now = f"<@{VAL}> would allow it; one person can by now."
    await _waits(place, {val: by_now, jude: by_now})


async def _waits(place: Place, expected: dict[Person, str]) -> None:
    for who, waits in expected.items():
        user = who.slack or ""
        await place.world.people.open_home(user=user)
        await place.quiet()
        shown = await place.world.people.home(user)
        assert shown
        assert waits in shown.words
        assert waits in await said(place.world, user, "mine")


@pytest.mark.parametrize(
    "again",
    [
        FIRST,
        c.Approve(reason="The data set is synthetic: I have looked at it myself."),
        c.Dismiss(reason="It is no violation: the data set is synthetic."),
    ],
    ids=["the same", "another reason", "another outcome"],
)
async def test_who_proposes_twice_tells_nobody_twice_and_what_was_told_is_kept_true(
    world: World, again: c.Approve | c.Dismiss
) -> None:
    place = await held(world)
    await place.give(FIRST, val.name)
    before = (await place.in_channel(), await place.to(JUDE))
    await world.engine.handle(place.id, again, acting(val.name))
    await place.quiet()
    after = (await place.in_channel(), await place.to(JUDE))
    assert [[m.ts for m in each] for each in after] == [[m.ts for m in each] for each in before]
    (told,) = await given(place, JUDE)
    assert again.reason in told.words
    news = (await place.in_channel())[-1]
    assert again.reason in news.words
    assert "<@" not in news.words  # nobody is called by a change of what they know of
    assert again.reason in await card(place)


NO_REASONS = POLICY.but(reasons=ReasonRule(approve=Need.OPTIONAL, dismiss=Need.OPTIONAL))


@pytest.mark.parametrize("config", [CONFIG.but(policies={POLICY.id: NO_REASONS})], ids=["optional"])
async def test_what_was_proposed_without_a_reason_can_be_given_one(world: World) -> None:
    place = await held(world)
    await place.give(c.Approve(reason=""), val.name)
    await world.people.click(user=VAL, channel=(await place.room()).channel, action_id="approve")
    modal = await world.people.wait_for_modal(user=VAL, callback_id="approve_modal")
    same = await world.people.submit(user=VAL, view_id=modal.id, values={"reason": ""})
    assert "You have proposed this already" in same.errors["reason"]
    await world.people.submit(user=VAL, view_id=modal.id, values={"reason": FIRST.reason})
    await place.quiet()
    assert FIRST.reason in await card(place)


async def test_who_would_be_told_first_by_a_changed_proposal_is_told(world: World) -> None:
    """Jude's override calls the backup; her approval calls the validator too."""
    place = await held(world)
    override = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=DAY)
    await place.give(override, jude.name)
    assert await given(place, VAL) == []
    await place.give(SECOND, jude.name)
    assert [SECOND.reason in each.words for each in await given(place, VAL)] == [True]
    assert len(await place.to(BEA)) == 1


async def test_a_proposal_is_told_to_whom_no_page_has_reached_yet(world: World) -> None:
    place = await held(world)
    await world.people.fault("error", "chat.postMessage", error="fatal_error", times=1)
    gone = r.RecordUnreachable(name=jude.name, error="user_disabled")
    await world.engine.handle(place.id, gone, acting(SYSTEM))
    await world.engine.handle(place.id, FIRST, acting(val.name))
    await place.quiet(timedelta(seconds=1))
    assert [FIRST.reason in message.words for message in await place.to(BEA)] == [True, True]


async def test_a_check_that_fails_again_is_said_in_one_message(world: World) -> None:
    place = Place(world, (await world.open_room()).id)
    success = Success(key=(await place.room()).key, check="Guardrails", at=world.clock())
    await place.give(c.RecordSuccess(success=success), SYSTEM)
    before = [m.ts for m in await place.in_channel()]
    again = violation(2, at=world.clock() + timedelta(minutes=2))
    await place.give(c.Join(violation=again, makers=made_by(eve)), SYSTEM)
    assert [m.ts for m in await place.in_channel()] == before
    assert "has failed again since." in (await place.in_channel())[-1].words
    assert "1 more violation, under the same decision" in await card(place)
