"""Exceptions: granted by what a room decides, used up by nothing, renewed and revoked by people.

Rules
- An approval or an override makes an exception in its own transaction: neither is there without
  the other. It covers each violation of its room by itself, as grave as that one is.
- What the room has to tell of its exception is told in it, in the transaction of the exception.
- A week before its end its owner owes what becomes of it, unless nobody waits for that or it was
  given for less; renewal, revocation and end settle that.
- Who may renew or revoke it, `exception_rights` says, by their roles in the room and its policy.
  Whoever made the change never may, nor renews it who may have made what it has waived; while some
  human behind the change is unknown one person alone renews nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain import excepted, exception_rights, scope
from bot.domain import exception as x
from bot.domain.aggregate import Step
from bot.domain.exception_life import ALLOWS, EXCEPTION
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.makers import Attributed
from bot.domain.person import BY_SYSTEM, Actor
from bot.domain.policy import OfferedScope, Policy, Role, Rules
from bot.domain.refusal import Refusal, Why
from bot.domain.violation import Report, Severity, Subject, Violation
from bot.domain.war_room import Decision, WarRoom
from bot.engine import follow_ups
from bot.engine.streams import RulesOf, Streams
from bot.engine.waiving import is_unknown, waivers
from bot.engine.writer import Writer
from bot.policies.matching import holding, in_room
from bot.storage import exceptions
from bot.storage.store import Store
from bot.storage.transaction import Stream, Transaction

ExceptionStep = Step[x.PolicyException, x.Event]
ENDED_LATELY = timedelta(days=30)
NO_SUCH = Refusal(Why.NOTHING_TO_DO, "There is no such exception.")


class Exceptions:
    """Orders on exceptions, each in its transaction."""

    def __init__(self, streams: Streams, writer: Writer, rules_of: RulesOf) -> None:
        self._streams, self._writer, self._rules_of = streams, writer, rules_of
        streams.react(WAR_ROOM, self._room_took)
        streams.react(EXCEPTION, self._exception_took)

    async def handle(
        self,
        exception_id: str,
        command: x.Renew | x.Revoke,
        actor: Actor,
        delivery: str | None = None,
    ) -> ExceptionStep | Refusal:
        """What somebody's order leads to, committed; a delivery that came before changes nothing.

        DatabaseUnavailableError.
        """
        return await self._writer.write(
            lambda order: self._by_person(order, exception_id, command, actor, delivery)
        )

    def obstacle(
        self,
        store: Store,
        exception_id: str,
        command: x.Renew | x.Revoke,
        actor: Actor,
        now: datetime,
    ) -> Refusal | None:
        """Why somebody can't give such an order now, whatever it says; None where they can."""
        exception = store.ask(partial(exceptions.exception, exception_id=exception_id))
        room = store.room(exception_id)
        if exception is None or room is None:
            return NO_SUCH
        rules = store.ask(lambda asked: self._rules_of(asked, room.policy_digest))
        given = exception_rights.given(room, exception, rules.policy, command, actor, now)
        if isinstance(given, Refusal):
            return given
        answer = EXCEPTION.decide(exception, *given, rules, now)
        invalid = isinstance(answer, Refusal) and answer.why is Why.INVALID
        return answer if isinstance(answer, Refusal) and not invalid else None

    async def adopt(self, store: Store, now: datetime) -> None:
        """Give those exceptions streams that hold since before there were any.

        What has ended lately is told in its room. DatabaseUnavailableError.
        """
        since = now - ENDED_LATELY
        for room_id in store.ask(partial(exceptions.without_stream, since=since)):
            await self._writer.write(partial(self._adopt, room_id=room_id))

    def waive(
        self,
        transaction: Transaction,
        rules: Rules,
        violation: Violation,
        makers: tuple[Attributed, ...],
        same: tuple[str, ...],
    ) -> x.PolicyException | tuple[str, ...]:
        """The exception that allows a new violation, whose record has it by now.

        Where there is none: of those that may be somebody's own why they don't, a sentence each.
        `same` are the keys of all that could (see `scope.keys`).
        """
        covering = transaction.exceptions.covering
        if not covering(same):
            return ()
        doubts: dict[str, None] = {}
        for exception, order in waivers(rules, violation, makers, covering):
            answer = self._streams.apply(transaction, EXCEPTION, exception.id, order, BY_SYSTEM)
            if isinstance(answer, Step):
                return answer.after
            if answer.why is Why.NOT_KNOWN:
                doubts[answer.message] = None
        return tuple(doubts)

    def with_holding(
        self, transaction: Transaction, room: WarRoom, command: c.Command
    ) -> c.Command:
        """An order; one that allows something with the scopes by a condition that may be chosen."""
        if not isinstance(command, c.Approve | c.Override):
            return command
        policy = self._rules_of(transaction.connection, room.policy_digest).policy
        return command.but(holding=self._holding(transaction, room, policy))

    @staticmethod
    def _holding(transaction: Transaction, room: WarRoom, policy: Policy) -> tuple[str, ...]:
        shown = room.violation  # a storm's room shows the facts of none
        return holding(policy, shown if room.is_storm else transaction.exceptions.whole(shown))

    def _room_took(self, transaction: Transaction, step: Step[WarRoom, e.Event]) -> None:
        room = step.after
        if room.decision and any(isinstance(each.event, e.Decided) for each in step.events):
            refusal = self._grant(transaction, room, room.decision, room.decision.scope)
            if refusal:
                raise RuntimeError(f"war room {room.id} decided what is refused: {refusal.message}")

    def _exception_took(self, transaction: Transaction, step: ExceptionStep) -> None:
        for recorded in step.events:
            asked = self._owner_asked(transaction, recorded.event, step.after)
            if command := excepted.told(recorded, step.after, owner_asked=asked):
                self._streams.apply(transaction, WAR_ROOM, step.after.id, command, BY_SYSTEM)

    def _owner_asked(
        self, transaction: Transaction, event: x.Event, exception: x.PolicyException
    ) -> bool:
        """Have its renewal owed, or settled, as the event says; gives whether it is owed by now."""
        about = f"exception:{exception.id}"
        if isinstance(event, x.Renewed | x.Revoked | x.Ended):
            said = f"The exception was {event.kind}: nothing is left to do."
            follow_ups.settle(transaction, self._streams, about, said)
            return False
        if not isinstance(event, x.Warned):
            return False
        if event.due_at != event.until - x.RENEWED_WITHIN:
            return bool(follow_ups.open_about(transaction, about))
        room: WarRoom | None = transaction.state(WAR_ROOM, exception.id)
        if room is None:
            raise LookupError(f"the exception {exception.id} has no war room")
        adjudicators = map(room.person, room.assignment(Role.ADJUDICATOR).holders)
        owes = follow_ups.renewal(exception, tuple(adjudicators))
        return isinstance(follow_ups.owe(transaction, self._streams, owes), Step)

    def _grant(
        self,
        transaction: Transaction,
        room: WarRoom,
        decision: Decision,
        within: OfferedScope | None,
    ) -> Refusal | None:
        if decision.outcome not in ALLOWS or not decision.valid_until or not decision.role:
            return None
        policy = self._rules_of(transaction.connection, room.policy_digest).policy
        covered = self._covered(transaction, room, policy, within) if within else {}
        within = within if covered else None
        covers = x.distinct(cover for _, cover in covered.values())
        severities = (each.severity for each in covers)
        severity = max(severities, key=lambda each: each.rank, default=room.severity)
        owner = decision.owner or decision.by
        granted = x.Granted(
            room_id=room.id,
            policy_id=room.policy_id,
            policy_digest=room.policy_digest,
            policy_place=decision.policy_place,
            configuration=decision.configuration,
            outcome=decision.outcome,
            scope=within,
            covers=covers,
            allows=_allows(policy, room, within, severity, covered),
            severity=severity,
            title=room.title,
            subject=Subject() if room.is_storm else room.violation.report.subject,
            team=room.team,
            owner=owner,
            role=decision.role,
            reason=decision.reason,
            category=decision.category,
            agreed=decision.agreed,
            initiators=room.initiators,
            granted_at=decision.at,
            until=decision.valid_until,
            review_at=decision.review_at,
            calls_back=room.contents.callbacks > 0,
        )
        names = dict.fromkeys((*room.initiators, decision.by, owner, *decision.agreed))
        order = x.Grant(granted=granted, persons=tuple(map(room.person, names)))
        by = Actor(person=room.person(decision.by), account=decision.account)
        answer = self._streams.apply(transaction, EXCEPTION, room.id, order, by)
        if isinstance(answer, Refusal):
            return answer
        transaction.exceptions.granted(answer.after)
        return None

    def _covered(
        self, transaction: Transaction, room: WarRoom, policy: Policy, within: OfferedScope
    ) -> dict[str, tuple[Report, x.Cover]]:
        """The violations of a room that a scope fits, by id, without their facts: what covers each.

        Of which it isn't known into which band it falls, nothing does.
        """
        covered: dict[str, tuple[Report, x.Cover]] = {}
        transaction.arrivals.flush(room.id)
        for violation in transaction.exceptions.held_by(room.id):
            judgement, ask = in_room(policy, violation)
            key = scope.key(policy, violation.report, within)
            if key and scope.holds(within, ask) and not is_unknown(judgement):
                band = judgement.band.id if judgement.band else None
                cover = x.Cover(key=key, severity=judgement.severity, band=band)
                covered[violation.id] = violation.brief.report, cover
        return covered

    def _adopt(self, transaction: Transaction, room_id: str) -> None:
        room: WarRoom | None = transaction.state(WAR_ROOM, room_id)
        if not room or not room.decision or transaction.state(EXCEPTION, room_id):
            return
        decision, now = room.decision, transaction.now
        if decision.valid_until and decision.valid_until <= now:
            owner = room.person(decision.owner) if decision.owner else None
            command = excepted.EndException(ended_at=decision.valid_until, owner=owner)
            self._streams.apply(transaction, WAR_ROOM, room_id, command, BY_SYSTEM)
            return
        policy = self._rules_of(transaction.connection, room.policy_digest).policy
        holds = self._holding(transaction, room, policy)
        narrowest = next(iter(scope.offered(policy, room.violation.report, holds)), None)
        self._grant(transaction, room, decision, narrowest)

    def _by_person(
        self,
        transaction: Transaction,
        exception_id: str,
        command: x.Renew | x.Revoke,
        actor: Actor,
        delivery: str | None,
    ) -> ExceptionStep | Refusal:
        room: WarRoom | None = transaction.state(WAR_ROOM, exception_id)
        exception = transaction.state(EXCEPTION, exception_id)
        if room is None or exception is None:
            return NO_SUCH
        policy = self._rules_of(transaction.connection, room.policy_digest).policy
        given = exception_rights.given(room, exception, policy, command, actor, transaction.now)
        if isinstance(given, Refusal):
            return given
        stream = Stream(EXCEPTION.kind, exception_id)
        return self._streams.apply_to(transaction, stream, *given, delivery)


def _allows(
    policy: Policy,
    room: WarRoom,
    within: OfferedScope | None,
    severity: Severity,
    covered: Mapping[str, tuple[Report, x.Cover]],
) -> str:
    if within is None:
        return "nothing besides what was decided on"
    shown = room.violation.id if room.violation.id in covered else min(covered)
    first = scope.words(policy, covered[shown][0], within, severity)
    if room.count == 1:
        return first
    so = f"; and so for each of {len(covered)} violations" if len(covered) > 1 else ""
    left = room.count - len(covered)
    return f"{first}{so}{f'; of {left} more nothing else' if left else ''}"
