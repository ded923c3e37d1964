"""Rooms that are lived through with real commands, at any time of the past."""

from datetime import UTC, datetime, timedelta

from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.messages import PostedMessage
from bot.domain.person import BY_SYSTEM, BY_TIMEOUT, Actor
from bot.domain.refusal import Refusal
from bot.domain.violation import Report
from bot.domain.war_room import Category
from bot.engine.engine import Engine
from tests.bench import firm
from tests.bench.load import violation

JUSTIFICATION = "Signed off by the data protection officer, ticket 4711, until the retraining."
SOURCE = "violations"


class Past:
    """The engine's clock, set by whoever lives through a room."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


class Lives:
    """Rooms of violation `number`, opened at a time; `past` has to be the engine's clock."""

    def __init__(self, engine: Engine, past: Past) -> None:
        self._engine = engine
        self._past = past
        self._people = engine.config.people

    async def reported(self, number: int, at: datetime) -> str:
        """A room that has just been opened; its id."""
        self._past.at = at
        key = f"{number:032x}"
        given = {**violation(number), "detected_at": at - _spread(number), "dedup_key": key}
        report = Report.model_validate(given)
        delivery = f"delivery-{number:015}"
        return (await self._engine.report(report, SOURCE, delivery)).room.id

    async def open(self, number: int, at: datetime) -> str:
        """A room with its channel, its card and three pages; the room's id."""
        initiator, validator, adjudicator = map(
            self._people.in_slack,
            (firm.initiator(number), firm.validator(number), firm.adjudicator(number)),
        )
        room = await self.reported(number, at)
        channel = f"C{number:010}"
        self._past.at += timedelta(milliseconds=180)
        await self._do(room, r.RecordChannel(channel=channel))
        await self._do(room, r.RecordCard(message=_message(channel, number)))
        for person in (initiator, validator, adjudicator):
            message = _message(f"D{person.slack}", number)
            await self._do(room, r.RecordPage(name=person.name, message=message))
        return room

    async def decided(self, number: int, at: datetime) -> None:
        """A room that was acknowledged, decided and closed."""
        room = await self.open(number, at)
        validator = self._people.acting(firm.validator(number))
        adjudicator = self._people.acting(firm.adjudicator(number))
        self._past.at += _spread(number)
        await self._do(room, c.Acknowledge(), validator)
        self._past.at += 2 * _spread(number)
        decision, by = _decision(number, validator, adjudicator)
        if isinstance(decision, c.Expire):
            self._past.at = at + timedelta(hours=4)
        await self._do(room, decision, by)
        stored = self._engine.store.room(room)
        await self._do(room, r.RecordInvited(names=stored.invited if stored else ()))
        await self._do(room, r.RecordResult())
        self._past.at += timedelta(days=1, seconds=1)
        await self._do(room, c.Close())

    async def _do(self, room: str, command: c.Command, actor: Actor = BY_SYSTEM) -> None:
        answer = await self._engine.handle(room, command, actor)
        if isinstance(answer, Refusal):
            raise RuntimeError(  # noqa: TRY004 - a wrong life, not a wrong type
                f"{command!r}: {answer.message}"
            )


def _decision(number: int, validator: Actor, adjudicator: Actor) -> tuple[c.Command, Actor]:
    override = c.Override(
        justification=JUSTIFICATION, category=Category.WAIVER, validity=timedelta(days=7)
    )
    approved = [(c.Approve(reason="The data set is synthetic."), validator)] * 6
    rest = [(override, adjudicator)] * 2
    last = [(c.Reject(reason="The data set has no legal basis."), adjudicator)]
    every: list[tuple[c.Command, Actor]] = [*approved, *rest, *last, (c.Expire(), BY_TIMEOUT)]
    return every[number % len(every)]


def _spread(number: int) -> timedelta:
    """From seconds to an hour, another for each number."""
    return timedelta(seconds=7 + number % 97 * 37, microseconds=1 + number)


def _message(channel: str, number: int) -> PostedMessage:
    return PostedMessage(channel=channel, ts=f"1795000000.{number:06}")
