"""What the bot has said, and what becomes of it once it is true no longer: the table of both.

Rules
- A row is a kind of sentence: by which effects it is said, how it comes about, what it says, and
  for each later event after which that would be untrue, what it says then, in the same place.
- After every other event it reads as it did: it tells what happened, and Slack dates it.
- Each kind of effect is in a row, or shows nobody a sentence, and each event that is told to
  somebody or in the channel is in a row for each of the two; each event is a column, or makes
  nothing untrue. Whoever adds one, adds it here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

import pytest

from bot.domain import commands as c
from bot.domain import delivered as d
from bot.domain import events as e
from bot.domain import reported as r
from bot.domain.aggregate import Happened, Recorded
from bot.domain.effect import LETS_IN, TELLS, Effect
from bot.domain.exception import Renew, Revoke
from bot.domain.person import OPERATOR, SYSTEM
from bot.domain.policy import Role, Rung
from bot.domain.violation import Success
from bot.domain.war_room import Category, State, WarRoom
from bot.engine.clock import Clock
from bot.integrations.slack import kinds as k
from bot.integrations.slack.show import news, settled
from bot.local_slack import SlackMessage
from bot.outbox.dead_letters import undelivered
from tests.build import (
    ADA,
    APPROVE,
    BEA,
    EVE,
    JUDE,
    JUSTIFICATION,
    POLICY,
    START,
    VAL,
    VIV,
    acting,
    ada,
    bea,
    eve,
    jude,
    made_by,
    room,
    val,
    violation,
    viv,
)
from tests.examples import OF_A_ROOM
from tests.slack import hostile
from tests.slack.conftest import World, channel_of

WEEK = timedelta(days=7)
STRANGER = "github:stranger"


@dataclass(frozen=True)
class Place:
    """A world with a room in it, and what people see of it."""

    world: World
    id: str

    async def room(self) -> WarRoom:
        return await self.world.room(self.id)

    async def give(self, command: c.Command, name: str) -> None:
        """Somebody's command, with all that follows from it delivered."""
        answer = await self.world.engine.handle(self.id, command, acting(name))
        assert not hasattr(answer, "why"), answer
        await self.quiet()

    async def move(self, share: float) -> None:
        """The clock, to a share of the window as it is now."""
        room = await self.room()
        at = room.opened_at + share * (room.expires_at - room.opened_at)
        await self.wait(at - self.world.clock())

    async def wait(self, ahead: timedelta) -> None:
        self.world.clock.move(ahead)
        await Clock(self.world.engine).sweep()
        await self.quiet()

    async def quiet(self, step: timedelta = timedelta(0)) -> None:
        """Return once nothing is left to be delivered; the clock goes on by a step at each look."""
        engine = self.world.engine
        async with asyncio.timeout(10):
            while (await asyncio.to_thread(undelivered, engine.store)).pending:
                engine.wakeups.outbox.set()
                await engine.wakeups.room_changed(self.id, 0.02)
                # The archiving of a channel may be put off.
                closed = (await self.room()).state is State.CLOSED
                self.world.clock.move(timedelta(minutes=1) if closed else step)
        assert (await asyncio.to_thread(undelivered, engine.store)).parked == ()

    async def in_channel(self) -> list[SlackMessage]:
        found = await self.world.people.messages(VAL, channel_of(await self.room()))
        return [message for message in found if message.from_bot and not message.subtype]

    async def to(self, user: str) -> list[SlackMessage]:
        direct = (await self.world.people.state()).direct(user)
        return [message for message in direct.messages if message.from_bot] if direct else []


Step = Callable[[Place], Awaitable[None]]
Look = Callable[[Place], Awaitable[str]]


# The later events: what happens, as people and the clock do it.


async def decided(place: Place) -> None:
    """By the validator; by the adjudicator as the second person, where it takes one."""
    by = jude if (await place.room()).proposals else val
    await place.give(APPROVE, by.name)


async def extended(place: Place) -> None:
    await place.give(c.Extend(by=timedelta(hours=2), reason="The DPO is away."), jude.name)


async def asked(place: Place) -> None:
    await place.give(c.RequestInfo(question="Whose consent is it?"), jude.name)


async def answered(place: Place) -> None:
    if (await place.room()).question is None:
        await asked(place)
    await place.give(c.Explain(text="Those who agreed."), ada.name)


async def handed_off(place: Place) -> None:
    on_duty = (await place.room()).assignment(Role.ADJUDICATOR).on_duty
    to = bea if on_duty == jude.name else jude
    await place.give(c.HandOff(role=Role.ADJUDICATOR, to=to), on_duty or "")


async def joined(place: Place) -> None:
    """Val turns out to have made the change too."""
    again = violation(2, at=place.world.clock() + timedelta(minutes=2))
    await place.give(c.Join(violation=again, makers=made_by(val)), SYSTEM)


async def proposed_otherwise(place: Place) -> None:
    """By whoever would allow it already; or by viv, where nobody would yet."""
    room = await place.room()
    if not room.unknown_makers:
        await stranger_joined(place)
    by = room.proposals[0].by if room.proposals else viv.name
    await place.give(c.Dismiss(reason="It is no violation: nobody's data are in it."), by)


async def identified(place: Place) -> None:
    """Slack tells who a stranger is; one is behind a violation that joined, or joins before.

    Where somebody here has said who that is, somebody else says otherwise.
    """
    if (await place.room()).vouching:
        return await named_otherwise(place)
    if not (await place.room()).unknown_makers:
        await stranger_joined(place)
    return await place.give(c.IdentifyInitiator(account=STRANGER, persons=(eve,)), SYSTEM)


async def named_otherwise(place: Place) -> None:
    """Somebody has said that it was Eve, or says so before; now it is said that it was Ada."""
    if not (await place.room()).vouching:
        await named(place)
    said = (await place.room()).owners[STRANGER].names
    who = eve if said == (ada.name,) else ada
    await place.give(c.NameInitiator(account=STRANGER, persons=(who,)), viv.name)


async def stranger_joined(place: Place, number: int = 3) -> None:
    """With what was found before all else, so that no success is undone by it."""
    joining = c.Join(violation=violation(number), makers=made_by(None, STRANGER))
    await place.give(joining, SYSTEM)


async def overridden(place: Place) -> None:
    command = c.Override(justification=JUSTIFICATION, category=Category.WAIVER, validity=WEEK)
    await place.give(command, jude.name)


async def exception_ending(place: Place) -> None:
    if (await place.room()).decision is None:
        await overridden(place)
    await place.wait(WEEK - timedelta(days=1))


async def exception_renewed(place: Place) -> None:
    if (await place.room()).decision is None:
        await overridden(place)
    reason = "The retraining takes some days more, as ticket 4712 says."
    renew = Renew(reason=reason, validity=POLICY.holds)
    place.world.clock.move(timedelta(minutes=1))
    await place.world.engine.exceptions.handle(place.id, renew, acting(bea.name))
    await place.quiet()


async def exception_ended(place: Place) -> None:
    if (await place.room()).decision is None:
        await overridden(place)
    decision = (await place.room()).decision
    assert decision
    assert decision.valid_until
    await place.wait(decision.valid_until - place.world.clock())


async def revoked(place: Place) -> None:
    await overridden(place)
    revoke = Revoke(reason="It was misused.")
    await place.world.engine.exceptions.handle(place.id, revoke, acting(bea.name))
    await place.quiet()


LATER: Mapping[type[e.Event], Step] = {
    e.Extended: extended,
    e.InfoRequested: asked,
    e.Explained: answered,
    e.HandedOff: handed_off,
    e.Joined: joined,
    e.Proposed: proposed_otherwise,
    e.Identified: identified,
    e.Decided: decided,
    e.ExceptionEnding: exception_ending,
    e.ExceptionRenewed: exception_renewed,
    e.ExceptionEnded: exception_ended,
}
"""In an order in which all can happen one after another."""

MAKES_NOTHING_UNTRUE: Mapping[type[e.Event], str] = {
    e.Opened: "nothing was said before it",
    e.Acknowledged: "who has seen it shows on the card; it changes what nobody was told",
    e.Reassigned: "another has a role, as after a hand-off",
    d.Unreachable: "another has a role, as after a hand-off",
    e.CheckSucceeded: "it decides nothing, and stands beside what was said",
    e.Split: "the initiators are others, or known by then, as with one who is identified",
    e.Escalated: "it says something, and changes nothing that was said",
    e.Closed: "the channel is archived as it is",
    d.ChannelOpened: "a place, no sentence",
    d.CardPosted: "a place, no sentence",
    d.Paged: "a place, no sentence",
    d.Told: "a place, no sentence",
    d.Invited: "nobody is told who was let in",
    d.ResultShown: "a place, no sentence",
    d.ChannelLost: "nobody reads there any more",
    d.Dropped: "what was never said; of a channel that follows, see the tests of what is parked",
    e.Assigned: "another has a role, as after a hand-off",
    e.Replied: "what somebody wrote themselves; it is no answer until they say so",
    e.CarriedOver: "it comes with the room's opening, before anything was said of it",
    d.TeamRecorded: "where somebody comes from shows on the card; nobody was told otherwise",
}


# What is said: how it comes about, and where it is looked at.


async def nothing(place: Place) -> None:
    """It is there from the opening on."""
    del place


async def card(place: Place) -> str:
    at = (await place.room()).card
    return next(m.words for m in await place.in_channel() if at and m.ts == at.ts)


async def topic(place: Place) -> str:
    channel = (await place.world.people.state()).channel(channel_of(await place.room()))
    return str(channel.topic["value"]) if channel else ""


async def home(place: Place) -> str:
    """As somebody sees it who opens it then."""
    await place.world.people.open_home(user=VAL)
    await place.quiet()
    shown = await place.world.people.home(VAL)
    return shown.words if shown else ""


def page_of(user: str) -> Look:
    async def look(place: Place) -> str:
        return (await place.to(user))[0].words

    return look


def message_to(user: str, number: int) -> Look:
    async def look(place: Place) -> str:
        return (await place.to(user))[number].words

    return look


def news_with(words: str) -> Look:
    """The message in the channel that had these words when it was sent."""
    found: dict[str, str] = {}

    async def look(place: Place) -> str:
        messages = [m for m in await place.in_channel() if not m.pinned]
        if place.id not in found:
            found[place.id] = next(m.ts for m in messages if words in m.words)
        return next(m.words for m in messages if m.ts == found[place.id])

    return look


async def reminded(place: Place) -> None:
    await place.move(0.25)


async def called_last(place: Place) -> None:
    await place.move(0.5)
    await place.move(0.9)


async def proposed(place: Place) -> None:
    """It takes a second person, since nobody knows who made the change."""
    await stranger_joined(place)
    await place.give(APPROVE, val.name)


async def check_succeeded(place: Place) -> None:
    success = Success(key=(await place.room()).key, check="Guardrails", at=place.world.clock())
    await place.give(c.RecordSuccess(success=success), SYSTEM)


async def backup_on_duty(place: Place) -> None:
    """The backup has a page already when she gets the role."""
    await place.move(0.5)
    await handed_off(place)


async def backup_assigned(place: Place) -> None:
    """As after a hand-off, by an operator's word."""
    await place.move(0.5)
    await place.give(c.Assign(role=Role.ADJUDICATOR, to=bea, why="Jude is away."), OPERATOR)


async def unreachable(place: Place) -> None:
    await place.give(r.RecordUnreachable(name=viv.name, error="user_disabled"), SYSTEM)


async def named(place: Place) -> None:
    """Somebody here says who a stranger is."""
    await stranger_joined(place)
    await place.give(c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)


async def digest_to_viv(place: Place) -> None:
    payload = {"user": VIV, "rooms": place.id}
    await place.world.engine.deliver(Effect(k.DIGEST.name, f"dm:{VIV}", payload))
    await place.quiet()


@dataclass(frozen=True)
class Said:
    """A row: `then` has for each event that makes it untrue what it says after it, in its place.

    `of` is the event that it tells of, where it is told to somebody or in the channel.
    """

    what: str
    kinds: tuple[str, ...]
    arrange: Step
    look: Look
    says: str
    then: Mapping[type[e.Event], str] = field(default_factory=dict)
    never_after: frozenset[type[e.Event]] = frozenset()
    of: type[e.Event] | None = None

    def __str__(self) -> str:
        return self.what


OF_AN_EXCEPTION = frozenset[type[e.Event]](
    (e.ExceptionEnding, e.ExceptionRenewed, e.ExceptionEnded)
)
BEFORE_THE_DECISION: frozenset[type[e.Event]] = frozenset(LATER) - OF_AN_EXCEPTION
ENDED = "The exception ended"
NOT_ANY_MORE = "What somebody would allow here doesn't count any more; the card says why."
WOULD_DISMISS = "would dismiss the finding"
KNOWN_BY_NOW = "It is known by now who made this change: one person can allow it."

TABLE = (
    Said(
        "the card",
        (k.POST_CARD.name, k.UPDATE_CARD.name),
        nothing,
        card,
        says="decide by",
        then={
            e.Extended: "20 Nov 2026 15:00 UTC",
            e.InfoRequested: "Whose consent is it?",
            e.Explained: "Those who agreed.",
            e.HandedOff: f"Adjudicator (jude): <@{BEA}>",
            e.Joined: f"Initiator: <@{ADA}> (not seen yet), <@{VAL}>",
            e.Proposed: WOULD_DISMISS,
            e.Identified: f"Initiator: <@{ADA}> (not seen yet), <@{EVE}>",
            e.Decided: "Approved by",
            e.ExceptionRenewed: "27 Nov 2026 09:01 UTC",
            e.ExceptionEnded: ENDED,
        },
    ),
    Said(
        "a page",
        (k.PAGE.name, k.UPDATE_PAGE.name),
        nothing,
        page_of(VAL),
        says="You are needed as validator.",
        then={
            e.Extended: "20 Nov 2026 15:00 UTC",
            e.InfoRequested: "Whose consent is it?",
            e.Explained: "Those who agreed.",
            e.HandedOff: f"Adjudicator (jude): <@{BEA}>",
            e.Joined: "You made this change.",
            e.Proposed: WOULD_DISMISS,
            e.Identified: f"Initiator: <@{ADA}> (not seen yet), <@{EVE}>",
            e.Decided: "Approved by",
            e.ExceptionRenewed: "27 Nov 2026 09:01 UTC",
            e.ExceptionEnded: ENDED,
        },
    ),
    Said(
        "the topic",
        (k.SET_TOPIC.name,),
        nothing,
        topic,
        says="decide by 20 Nov 2026 13:00 UTC",
        then={
            e.Extended: "decide by 20 Nov 2026 15:00 UTC",
            e.Decided: "Approved (by the validator)",
            e.ExceptionRenewed: "allow until 27 Nov 2026 09:01 UTC",
            e.ExceptionEnded: "exception ended on 27 Nov 2026 09:00 UTC: block",
        },
    ),
    Said(
        "the home tab, when it is opened",
        (k.PUBLISH_HOME.name,),
        nothing,
        home,
        says="you are the validator",
        then={
            e.Extended: "(6 h left)",
            e.Joined: "you are the initiator",
            e.Proposed: "Waits for you as the second person",
            e.Decided: "All settled",
            e.ExceptionEnded: "All settled",
        },
    ),
    Said(
        "a reminder",
        (k.TELL.name, k.UPDATE_TOLD.name),
        reminded,
        message_to(VAL, 1),
        says="A reminder: you are needed as validator.",
        then={
            e.Extended: "20 Nov 2026 15:00 UTC",
            e.Joined: "you are needed as initiator",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.Escalated,
    ),
    Said(
        "the last call to somebody",
        (k.TELL.name, k.UPDATE_TOLD.name),
        called_last,
        message_to(BEA, 1),
        says="Last call: you can still decide as backup adjudicator.",
        then={
            e.Extended: "There is more time than at the last call.",
            e.HandedOff: "you can still decide as adjudicator.",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.Escalated,
    ),
    Said(
        "the last call in the channel",
        (k.ANNOUNCE.name, k.UPDATE_TOLD.name),
        called_last,
        news_with("Last call"),
        says="Last call, Val, Viv, Jude, Bea.",
        then={
            e.Extended: "There is more time than at the last call.",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.Escalated,
    ),
    Said(
        "a question to somebody",
        (k.TELL.name, k.UPDATE_TOLD.name),
        asked,
        message_to(ADA, 1),
        says="asks you about",
        then={
            e.InfoRequested: "Another question was asked since",
            e.Explained: "Answered: the answer stands on the card.",
            e.Decided: "Nobody needs to answer any more.",
            e.ExceptionEnded: "Nobody needs to answer any more.",
        },
        of=e.InfoRequested,
    ),
    Said(
        "a question in the channel",
        (k.ANNOUNCE.name, k.UPDATE_TOLD.name),
        asked,
        news_with("asks Ada:"),
        says="Explain…",
        then={
            e.InfoRequested: "Another question was asked since",
            e.Explained: "Answered: the answer stands on the card.",
            e.Decided: "Nobody needs to answer any more.",
            e.ExceptionEnded: "Nobody needs to answer any more.",
        },
        of=e.InfoRequested,
    ),
    Said(
        "a hand-off to somebody",
        (k.TELL.name, k.UPDATE_TOLD.name),
        backup_on_duty,
        message_to(BEA, 1),
        says="you are adjudicator on duty now.",
        then={
            e.Extended: "20 Nov 2026 15:00 UTC",
            e.HandedOff: f"You were adjudicator on duty here; now that is <@{JUDE}>.",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.HandedOff,
    ),
    Said(
        "that an operator gave a role, to somebody",
        (k.TELL.name, k.UPDATE_TOLD.name),
        backup_assigned,
        message_to(BEA, 1),
        says="An operator made you adjudicator: you are on duty now.",
        then={
            e.Extended: "20 Nov 2026 15:00 UTC",
            e.HandedOff: f"You were adjudicator on duty here; now that is <@{JUDE}>.",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.Assigned,
    ),
    Said(
        "what somebody would allow, to somebody",
        (k.TELL.name, k.UPDATE_TOLD.name),
        proposed,
        message_to(JUDE, 1),
        says="would approve",
        then={
            e.Joined: NOT_ANY_MORE,
            e.Proposed: WOULD_DISMISS,
            e.Identified: KNOWN_BY_NOW,
            e.Decided: "Nothing is left to do here.",
        },
        never_after=OF_AN_EXCEPTION,
        of=e.Proposed,
    ),
    Said(
        "what somebody would allow, in the channel",
        (k.ANNOUNCE.name, k.UPDATE_TOLD.name),
        proposed,
        news_with("would approve"),
        says="It takes a second person",
        then={
            e.Joined: NOT_ANY_MORE,
            e.Proposed: WOULD_DISMISS,
            e.Identified: KNOWN_BY_NOW,
            e.Decided: "Nothing is left to do here.",
        },
        never_after=OF_AN_EXCEPTION,
        of=e.Proposed,
    ),
    Said(
        "that a check has succeeded since, to somebody",
        (k.TELL.name, k.UPDATE_TOLD.name),
        check_succeeded,
        message_to(ADA, 1),
        says="you can withdraw the change",
        then={
            e.Joined: "has failed again since.",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.CheckSucceeded,
    ),
    Said(
        "a digest",
        (k.DIGEST.name, k.UPDATE_DIGEST.name),
        digest_to_viv,
        page_of(VIV),
        says="you are the validator",
        then={
            e.Extended: "15:00 UTC",
            e.Decided: "Approved (by the validator)",
            e.ExceptionEnded: "exception ended on 27 Nov 2026",
        },
    ),
    Said(
        "an answer",
        (k.ANNOUNCE.name,),
        answered,
        news_with("answers"),
        says="answers",
        of=e.Explained,
    ),
    Said(
        "an answer, in the thread of a page",
        (k.TELL.name,),
        answered,
        message_to(JUDE, 1),
        says="answers your question about",
        of=e.Explained,
    ),
    Said(
        "that an operator gave a role, in the channel",
        (k.ANNOUNCE.name,),
        backup_assigned,
        news_with("An operator made"),
        says="adjudicator on duty:",
        of=e.Assigned,
    ),
    Said(
        "that somebody can't be reached",
        (k.ANNOUNCE.name,),
        unreachable,
        news_with("can't be reached in Slack"),
        says="On duty after that: validator",
        of=d.Unreachable,
    ),
    Said(
        "that somebody said who made the change",
        (k.ANNOUNCE.name,),
        named,
        news_with("says who made this change"),
        says="stranger at GitHub is",
        never_after=OF_AN_EXCEPTION | {e.Joined, e.Proposed},
        of=e.Identified,
    ),
    Said(
        "that somebody said otherwise who made the change",
        (k.ANNOUNCE.name,),
        named_otherwise,
        news_with("as was said before"),
        says=f"stranger at GitHub is <@{ADA}>, not <@{EVE}> as was said before.",
        never_after=OF_AN_EXCEPTION | {e.Joined, e.Proposed},
        of=e.Identified,
    ),
    Said(
        "that a check has succeeded since, in the channel",
        (k.ANNOUNCE.name, k.UPDATE_TOLD.name),
        check_succeeded,
        news_with("has succeeded since"),
        says="is on the card, for whoever made the change.",
        then={
            e.Joined: "has failed again since.",
            e.Decided: "Nothing is left to do here.",
            e.ExceptionEnded: "Nothing is left to do here.",
        },
        of=e.CheckSucceeded,
    ),
    Said(
        "an extension",
        (k.ANNOUNCE.name,),
        extended,
        news_with("extended the window"),
        says="extended the window by 2 h, to",
        never_after=frozenset({e.Extended}),
        of=e.Extended,
    ),
    Said(
        "a hand-off in the channel",
        (k.ANNOUNCE.name,),
        handed_off,
        news_with("handed off"),
        says="handed off: the adjudicator on duty became Bea.",
        of=e.HandedOff,
    ),
    Said(
        "a violation that joined",
        (k.ANNOUNCE.name,),
        joined,
        news_with("Another violation joined"),
        says="One decision settles all of them.",
        never_after=frozenset({e.Joined, e.Decided}),
        of=e.Joined,
    ),
    Said(
        "the result in the channel",
        (k.ANNOUNCE.name,),
        overridden,
        news_with("Overridden by"),
        says="The change is allowed until",
        never_after=BEFORE_THE_DECISION,
        of=e.Decided,
    ),
    Said(
        "the result in the thread of a page",
        (k.TELL_RESULT.name,),
        overridden,
        message_to(VAL, 1),
        says="The change is allowed until",
        never_after=BEFORE_THE_DECISION,
    ),
    Said(
        "that an exception ends before long",
        (k.TELL.name, k.UPDATE_TOLD.name),
        exception_ending,
        message_to(JUDE, 2),
        says="An exception ends",
        then={
            e.ExceptionRenewed: "This exception was renewed since",
            e.ExceptionEnded: "This exception has ended",
        },
        never_after=frozenset(LATER) - OF_AN_EXCEPTION | {e.ExceptionEnding},
        of=e.ExceptionEnding,
    ),
    Said(
        "that an exception goes on, to somebody",
        (k.TELL.name,),
        exception_renewed,
        message_to(JUDE, 2),
        says="renewed the exception",
        never_after=frozenset(LATER) - {e.ExceptionEnded},
        of=e.ExceptionRenewed,
    ),
    Said(
        "that an exception goes on, in the channel",
        (k.ANNOUNCE.name,),
        exception_renewed,
        news_with("renewed the exception"),
        says="ticket 4712",
        never_after=frozenset(LATER) - {e.ExceptionEnded},
        of=e.ExceptionRenewed,
    ),
    Said(
        "that an exception was revoked, to somebody",
        (k.TELL.name,),
        revoked,
        message_to(JUDE, 2),
        says="It was misused.",
        never_after=frozenset(LATER),
        of=e.ExceptionEnded,
    ),
    Said(
        "that an exception was revoked, in the channel",
        (k.ANNOUNCE.name,),
        revoked,
        news_with("revoked the exception"),
        says="It was misused.",
        never_after=frozenset(LATER),
        of=e.ExceptionEnded,
    ),
    Said(
        "that an exception has ended, to somebody",
        (k.TELL.name,),
        exception_ended,
        message_to(JUDE, 2),
        says="The exception ended",
        never_after=frozenset(LATER),
        of=e.ExceptionEnded,
    ),
    Said(
        "that an exception has ended, in the channel",
        (k.ANNOUNCE.name,),
        exception_ended,
        news_with("The exception ended"),
        says="the change is blocked again",
        never_after=frozenset(LATER),
        of=e.ExceptionEnded,
    ),
)

IN_NO_ROW: Mapping[tuple[str, type[e.Event]], str] = {
    (k.TELL.name, e.Decided): "the result has a kind of its own, which is in the table",
    (k.TELL.name, d.Dropped): "only where there is no channel; it tells what happened",
    (
        k.ANNOUNCE.name,
        e.Split,
    ): "only in a storm's room; it tells what happened",
}

# What is told of some event depends on what it has besides.
EXAMPLES: tuple[Happened, ...] = (
    *OF_A_ROOM,
    e.Escalated(rung=Rung.LAST_CALL, due_at=START, notify=()),
    e.Identified(account=STRANGER, names=(eve.name,), role=Role.ADJUDICATOR, assignments=()),
)

SAYS_NOTHING: Mapping[str, str] = {
    k.IDENTIFY.name: "it asks Slack",
    k.RESOLVE_GROUP.name: "it asks Slack",
    k.OPEN_CHANNEL.name: "a name of its own, which stays",
    k.INVITE.name: "Slack says it, and dates it",
    k.PIN_CARD.name: "the card that is pinned is in the table",
    k.ARCHIVE.name: "Slack says it, and dates it",
    k.CHECK_ON_DUTY.name: "it asks Slack, and tells nobody",
    k.OFFER_ANSWER.name: "only its reader sees it, and Slack keeps it for nobody",
}


def _harmless(row: Said) -> list[type[e.Event]]:
    """What leaves it as it is, in an order in which all can happen in one room."""
    events = [event for event in LATER if event not in row.then and event not in row.never_after]
    if e.Decided in row.then:  # an exception begins with a decision
        events = [event for event in events if event not in OF_AN_EXCEPTION]
    elif e.ExceptionEnded in events:  # it is the decision then
        events = [event for event in events if event is not e.Decided]
    return events


async def _arranged(world: World, row: Said) -> tuple[Place, str]:
    place = Place(world, (await world.open_room()).id)
    await place.quiet()
    await row.arrange(place)
    before = await row.look(place)
    assert row.says in before
    return place, before


@pytest.mark.parametrize(
    ("row", "event"),
    [
        pytest.param(row, event, id=f"{row.what} - {event.__name__}")
        for row in TABLE
        for event in row.then
    ],
)
async def test_what_an_event_makes_untrue_is_brought_up_to_date_in_its_place(
    world: World, row: Said, event: type[e.Event]
) -> None:
    place, before = await _arranged(world, row)
    assert row.then[event] not in before
    await LATER[event](place)
    assert row.then[event] in await row.look(place)


# What is made anew whenever somebody looks is true then, and need not stay as it was.
@pytest.mark.parametrize("row", [row for row in TABLE if row.look is not home], ids=str)
async def test_after_all_else_it_reads_as_it_did(world: World, row: Said) -> None:
    place, before = await _arranged(world, row)
    for event in _harmless(row):
        await LATER[event](place)
        assert await row.look(place) == before, event.__name__


async def test_what_somebody_would_allow_says_on_whose_word_it_is_known_who_made_it(
    world: World,
) -> None:
    place = Place(world, (await world.open_room()).id)
    await proposed(place)
    await place.give(c.NameInitiator(account=STRANGER, persons=(eve,)), jude.name)
    told = await message_to(JUDE, 1)(place)
    assert "by the word of" in told
    assert f"Anybody but <@{JUDE}> can allow it on their own" in told


async def test_what_somebody_said_of_who_made_it_is_corrected_where_it_was_said(
    world: World,
) -> None:
    """By what the configuration or Slack knows, as by another's word."""
    place = Place(world, (await world.open_room()).id)
    await named(place)
    await place.give(c.IdentifyInitiator(account=STRANGER, persons=(val,)), SYSTEM)
    corrected = f"stranger at GitHub is <@{VAL}>, not <@{EVE}> as was said before."
    known = f"It is known by now who made this change: {corrected}"
    assert known in (await place.in_channel())[-1].words


async def test_a_success_that_was_undone_stays_so_whatever_succeeds_later(world: World) -> None:
    place = Place(world, (await world.open_room()).id)
    await check_succeeded(place)
    looks = (news_with("has succeeded since"), message_to(ADA, 1))
    assert all(["failed again" not in await look(place) for look in looks])
    await joined(place)
    assert all(["has failed again since" in await look(place) for look in looks])
    world.clock.move(timedelta(minutes=3))
    await check_succeeded(place)
    assert all(["has failed again since" in await look(place) for look in looks])
    assert "Withdraw: fixed" in await card(place)
    direct = [message.words for message in (await place.to(ADA))[1:]]
    assert sum("has succeeded since" in words for words in direct) == 1


def test_in_a_storm_a_success_is_not_called_undone_where_others_have_joined() -> None:
    success = Success(key=room().key, check="Guardrails", at=START)
    alone = hostile.after(room().but(is_storm=True), c.RecordSuccess(success=success))
    among = hostile.after(
        alone, c.Join(violation=violation(2, dedup_key="other"), makers=made_by(ada))
    )
    event = e.CheckSucceeded(success=success)
    told: Recorded[e.Event] = Recorded(seq=2, at=START, actor=SYSTEM, event=event, state=State.OPEN)
    for name in (None, ada.name):
        assert "Until it fails again" in str(settled.now(told, alone, POLICY, name).blocks)
        words = str(settled.now(told, among, POLICY, name).blocks)
        assert "Others have joined since" in words
        assert "failed again" not in words


def test_every_kind_of_effect_is_in_a_row_or_says_nothing() -> None:
    said = {kind for row in TABLE for kind in row.kinds}
    assert said | SAYS_NOTHING.keys() == {kind.name for kind in k.KINDS}
    assert not said & SAYS_NOTHING.keys()


@pytest.mark.parametrize("kind", [k.TELL.name, k.ANNOUNCE.name])
def test_every_event_that_is_told_is_in_a_row_of_that_kind(kind: str) -> None:
    said = {row.of for row in TABLE if kind in row.kinds}
    excused = {event for by, event in IN_NO_ROW if by == kind}
    assert {type(event) for event in EXAMPLES if _is_told(kind, event)} == said | excused
    assert not said & excused


def _is_told(kind: str, event: Happened) -> bool:
    """Whether there is something to say of it, by direct message or in the channel."""
    success = next(each for each in OF_A_ROOM if isinstance(each, e.CheckSucceeded)).success
    undecided = room().but(successes=(success,))
    told: Recorded[Any] = Recorded(seq=2, at=START, actor=jude.name, event=event, state=State.OPEN)
    for place in (undecided, hostile.decided(undecided)):
        with suppress(news.NotNewsError):
            if kind == k.TELL.name:
                news.told(told, place, POLICY, val.name)
            else:
                news.announcement(told, place, POLICY)
            return True
    return False


def test_every_event_is_a_column_or_makes_nothing_untrue() -> None:
    assert LATER.keys() | MAKES_NOTHING_UNTRUE.keys() == set(get_args(e.Event))
    assert not LATER.keys() & MAKES_NOTHING_UNTRUE.keys()


def test_what_stands_between_a_decision_and_its_readers_is_called_as_the_kinds_are() -> None:
    """The domain knows them by their names alone."""
    assert {*LETS_IN, TELLS} == {k.OPEN_CHANNEL.name, k.INVITE.name, k.ANNOUNCE.name}
