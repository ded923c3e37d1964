"""What violations would be answered if they came in now: asked by whoever shows findings.

Rules
- Nothing is opened, used up or written, and it is no verdict: by the time that one comes in, an
  exception may have ended and a room been decided.
- Of several policies that one breaks each has to allow it; else a room that is open says most.
- In a room is what has the key of one that is open; what would only join a storm is in none yet.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from bot.domain import scope
from bot.domain.answering import Judgement
from bot.domain.answers import AnswerKind
from bot.domain.clean_text import clean
from bot.domain.exception import PolicyException
from bot.domain.exception_life import EXCEPTION
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.person import BY_SYSTEM
from bot.domain.policy import ClearRule, Rules
from bot.domain.refusal import Refusal
from bot.domain.violation import Report, Violation
from bot.domain.war_room import WarRoom
from bot.engine import room_choice
from bot.engine.engine import Engine
from bot.engine.verdict_json import named, room_url, stamp
from bot.engine.waiving import waivers
from bot.policies.matching import Trial
from bot.storage.transaction import Transaction

# Of several answers the first of these that there is says most.
_TELLING = (AnswerKind.ROOM, "none", AnswerKind.EXCEPTION, AnswerKind.RULE)
NOTHING: dict[str, Any] = dict.fromkeys(("id", "until", "url", "justification", "by"))


def foretold(engine: Engine, reports: Iterable[Report], source: str) -> list[dict[str, Any]]:
    """The answer to each report, as JSON. DatabaseUnavailableError."""
    now, matcher = engine.now(), engine.matcher
    trials = [matcher.tried(report, engine.people, source, now) for report in reports]

    def answers(connection: Connection) -> list[dict[str, Any]]:
        seen = Transaction(connection, now)  # which is never written
        judged = [(each.policy, trial.report) for trial in trials for each in trial.judgements]
        seen.arrivals.expect_keys(
            {
                (policy.id, key)
                for policy, report in judged
                for key in (report.key, report.bound_key)
            }
        )
        seen.exceptions.expect(key for each in judged for key in scope.keys(*each))
        return [
            _together([_answer(seen, trial, each, engine, source) for each in trial.judgements])
            for trial in trials
        ]

    return engine.store.ask(answers)


def _answer(
    seen: Transaction, trial: Trial, judgement: Judgement, engine: Engine, source: str
) -> dict[str, Any]:
    """What one policy answers."""
    rules = engine.loaded[judgement.policy.id]
    if exception := _waiving(seen, trial, rules, source):
        room: WarRoom | None = seen.state(WAR_ROOM, exception.id)
        return _told(AnswerKind.EXCEPTION, exception.id) | {
            "until": stamp(exception.until),
            "url": room and room_url(room.channel, engine.workspace),
            "justification": named(exception.reason, exception),
            "by": clean(exception.allowed_by),
        }
    if rule := judgement.cleared_by:
        until, owner = (rule.until, rule.owner) if isinstance(rule, ClearRule) else (None, None)
        return _told(AnswerKind.RULE, rule.id) | {
            "until": until and stamp(until),
            "justification": clean(rule.reason),
            "by": owner,
        }
    held = seen.arrivals.room_that_holds(rules.policy.id, trial.report.bound_key)
    room = room_choice.open_room_for(seen, rules.policy.id, trial.report) or (
        seen.state(WAR_ROOM, held) if held else None
    )
    if room is None or seen.now >= room.expires_at:
        return _told("none", None)
    return _told(AnswerKind.ROOM, room.id) | {
        "until": stamp(room.expires_at),
        "url": room_url(room.channel, engine.workspace),
    }


def _told(answer: str, of: str | None) -> dict[str, Any]:
    return {"answer": answer, **NOTHING, "id": of}


def _waiving(seen: Transaction, trial: Trial, rules: Rules, source: str) -> PolicyException | None:
    """The exception that would waive it, found as for one that comes in."""
    covering = seen.exceptions.covering
    if not covering(scope.keys(rules.policy, trial.report)):
        return None
    violation = Violation.received(trial.report, "", source, seen.now, source)
    for exception, order in waivers(rules, violation, trial.behind.makers, covering):
        step = EXCEPTION.decide(exception, order, BY_SYSTEM, rules, seen.now)
        if not isinstance(step, Refusal):
            return exception
    return None


def _together(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """What the answers of all policies come to: a room says most where not all of them allow."""
    if not answers:
        return _told("none", None)
    return min(answers, key=lambda each: (_TELLING.index(each["answer"]), each["until"] or "~"))
