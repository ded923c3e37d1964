"""Every kind of stream that there is, and what the clock fires in them."""

from typing import Any

from bot.domain.aggregate import Aggregate
from bot.domain.checkpoint import CHECKPOINT
from bot.domain.clearance import CLEARANCE
from bot.domain.configuration import CONFIGURATION
from bot.domain.erasure import ERASURE
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.hold import HOLD
from bot.domain.lifecycle import WAR_ROOM
from bot.storage.tables import timer_name

AGGREGATES: tuple[Aggregate[Any, Any, Any], ...] = (
    *(WAR_ROOM, CONFIGURATION, CLEARANCE),
    *(FOLLOW_UP, EXCEPTION, ERASURE, HOLD, CHECKPOINT),
)
# What the clock fires here; a newer version's timers, and those of its streams, are left to it.
TIMERS = tuple(
    timer_name(aggregate.kind, name) for aggregate in AGGREGATES for name in aggregate.timers
)
