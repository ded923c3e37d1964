"""What a decision leads to: the verdict is posted to where each violation came from."""

from bot.domain.clearance import AutoCleared, Clearance
from bot.domain.effect import Change, Effect, Follower
from bot.domain.events import Decided
from bot.domain.exception import PolicyException, Revoked, Waived
from bot.domain.war_room import WarRoom
from bot.integrations.callback.deliver import callback
from bot.integrations.callback.kinds import CALLBACKS


def decided(event: Decided, change: Change[WarRoom]) -> tuple[Effect, ...]:
    """A callback for each violation that asks for one, each in a lane of its own.

    Where there are more violations than a room holds, they are looked up first.
    """
    del event
    contents = change.after.contents
    held = (contents.first, *contents.newest)
    wanted = [violation.id for violation in held if violation.report.callback_url]
    if len(wanted) < contents.callbacks:
        return (Effect(kind=CALLBACKS.name, lane=CALLBACKS.name),)
    return tuple(map(callback, wanted))


def cleared(event: AutoCleared, change: Change[Clearance]) -> tuple[Effect, ...]:
    """A callback for a violation that nobody has to be asked about, where it asks for one."""
    del change
    violation = event.violation
    return (callback(violation.id),) if violation.report.callback_url else ()


def waived(event: Waived, change: Change[PolicyException]) -> tuple[Effect, ...]:
    """A callback for a violation that an exception allows, where it asks for one."""
    del change
    violation = event.violation
    return (callback(violation.id),) if violation.report.callback_url else ()


def revoked(event: Revoked, change: Change[PolicyException]) -> tuple[Effect, ...]:
    """Whatever was allowed by the exception is blocked: its pipelines are told anew."""
    del event
    if not change.after.calls_back:
        return ()
    payload = {"again": str(change.seq)}
    return (Effect(kind=CALLBACKS.name, lane=CALLBACKS.name, payload=payload),)


FOLLOW: Follower = {Decided: decided, AutoCleared: cleared, Waived: waived, Revoked: revoked}
