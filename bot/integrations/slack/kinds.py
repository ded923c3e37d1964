"""What Slack is told: each kind of effect with its urgency, its cost, and how it is delivered.

Rules
- Tier 2 is 20 calls a minute, tier 3 is 50, tier 4 is 100, for each method and workspace
  (https://docs.slack.dev/apis/web-api/rate-limits). We keep to a window that is a little longer.
- Messages: one a second in a conversation, with short bursts; several hundred a minute in all.
- Nobody is paged more than `PAGES` times a minute; more than that becomes one digest.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from typing import TypeVar

from bot.domain.war_room import WarRoom
from bot.integrations.slack.deliver.failures import failure
from bot.integrations.slack.deliver.paging import Paging
from bot.integrations.slack.deliver.recording import in_channel, in_room
from bot.integrations.slack.deliver.slack_delivery import SlackDelivery
from bot.integrations.slack.deliver.telling import Telling
from bot.integrations.wiring import Wiring
from bot.outbox.budgets import Budget, Cost, Limit
from bot.outbox.delivery import Claimed
from bot.outbox.kinds import Destination, EffectKind, Urgency

PAGES = 5
BURST = 5
MESSAGES = 360
_TIER_2, _TIER_3, _TIER_4 = 20, 50, 100
_MINUTE = timedelta(seconds=62)
_BURST_WINDOW = timedelta(seconds=5.5)
TO_CHANNEL = Cost("chat.postMessage", look_up=("conversations.history",))
TO_PERSON = Cost("chat.postMessage", look_up=("conversations.open", "conversations.history"))
TO_THREAD = Cost(
    "chat.postMessage",
    look_up=("conversations.replies", "conversations.open", "conversations.history"),
)
_LIMITS = {
    "chat.postEphemeral": _TIER_4,
    "chat.postMessage": MESSAGES,
    "chat.update": _TIER_3,
    "conversations.archive": _TIER_2,
    "conversations.create": _TIER_2,
    "conversations.history": _TIER_3,
    "conversations.info": _TIER_3,
    "conversations.invite": _TIER_3,
    "conversations.list": _TIER_2,
    "conversations.open": _TIER_3,
    "conversations.replies": _TIER_3,
    "conversations.setTopic": _TIER_2,
    "pins.add": _TIER_2,
    "usergroups.users.list": _TIER_2,
    "users.info": _TIER_4,
    "users.lookupByEmail": _TIER_3,
    "views.publish": _TIER_4,
}


def connect(wiring: Wiring) -> AbstractAsyncContextManager[SlackDelivery]:
    """Slack, by the client that all share."""
    return nullcontext(SlackDelivery(wiring.engine, wiring.slack, wiring.verbs))


SLACK = Destination(
    name="slack",
    places=128,
    connect=connect,
    limits=Budget(
        methods={method: Limit(most, _MINUTE) for method, most in _LIMITS.items()},
        conversation=Limit(BURST, _BURST_WINDOW),
        pages=Limit(PAGES, _MINUTE),
        digests=Limit(1, _MINUTE),
    ),
    failure=failure,
)

P = TypeVar("P")
R = TypeVar("R", WarRoom, WarRoom | None)
T = TypeVar("T")


def by(
    part: Callable[[SlackDelivery], P], method: Callable[[P, Claimed, R], Awaitable[T]]
) -> Callable[[SlackDelivery, Claimed, R], Awaitable[T]]:
    """How a kind is delivered that one part of what reaches Slack delivers."""
    return lambda slack, effect, room: method(part(slack), effect, room)


def _paging(slack: SlackDelivery) -> Paging:
    return slack.paging


def _telling(slack: SlackDelivery) -> Telling:
    return slack.telling


PAGE = EffectKind(
    name="page",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_room(by(_paging, Paging.page)),
    cost=TO_PERSON,
    is_message=True,
    give_up_after=None,
    digest="digest",
)
DIGEST = EffectKind(
    name="digest",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=by(_paging, Paging.digest),
    cost=TO_PERSON,
    is_message=True,
    give_up_after=None,
)
IDENTIFY = EffectKind(
    name="identify",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_room(SlackDelivery.identify),
    cost=Cost("users.lookupByEmail"),
)
RESOLVE_GROUP = EffectKind(
    name="resolve_group",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_room(SlackDelivery.resolve_group),
    cost=Cost("usergroups.users.list"),
    give_up_after=None,
)
OPEN_CHANNEL = EffectKind(
    name="open_channel",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_room(SlackDelivery.open_channel),
    cost=Cost("conversations.create", look_up=("conversations.list",)),
)
INVITE = EffectKind(
    name="invite",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_channel(SlackDelivery.invite),
    cost=Cost("conversations.invite"),
    latest_wins=True,
)
POST_CARD = EffectKind(
    name="post_card",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_channel(SlackDelivery.post_card),
    cost=TO_CHANNEL,
    is_message=True,
)
TELL = EffectKind(
    name="tell",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=in_room(by(_telling, Telling.tell)),
    cost=TO_THREAD,
    is_message=True,
)
ANNOUNCE = EffectKind(
    name="announce",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=in_channel(SlackDelivery.announce),
    cost=TO_CHANNEL,
    is_message=True,
)
UPDATE_CARD = EffectKind(
    name="update_card",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=in_channel(SlackDelivery.update_card),
    cost=Cost("chat.update"),
    latest_wins=True,
)
UPDATE_PAGE = EffectKind(
    name="update_page",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=in_room(by(_paging, Paging.update_page)),
    cost=Cost("chat.update"),
    latest_wins=True,
)
PUBLISH_HOME = EffectKind(
    name="publish_home",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=SlackDelivery.publish_home,
    cost=Cost("views.publish"),
    latest_wins=True,
    give_up_after=timedelta(hours=1),
)
PIN_CARD = EffectKind(
    name="pin_card",
    destination=SLACK,
    urgency=Urgency.HOUSEKEEPING,
    deliver=in_channel(SlackDelivery.pin_card),
    cost=Cost("pins.add"),
)
SET_TOPIC = EffectKind(
    name="set_topic",
    destination=SLACK,
    urgency=Urgency.HOUSEKEEPING,
    deliver=in_channel(SlackDelivery.set_topic),
    cost=Cost("conversations.setTopic", look_up=("conversations.info",)),
    latest_wins=True,
)
ARCHIVE = EffectKind(
    name="archive",
    destination=SLACK,
    urgency=Urgency.HOUSEKEEPING,
    deliver=in_channel(SlackDelivery.archive),
    cost=Cost("conversations.archive"),
)
OFFER_ANSWER = EffectKind(
    name="offer_answer",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=in_room(by(_telling, Telling.offer_answer)),
    cost=Cost("chat.postEphemeral"),
    give_up_after=timedelta(minutes=10),
)

TELL_RESULT = EffectKind(
    name="tell_result",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=in_room(by(_telling, Telling.tell_result)),
    cost=TO_THREAD,
    is_message=True,
)
UPDATE_TOLD = EffectKind(
    name="update_told",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=in_room(by(_telling, Telling.update_told)),
    cost=Cost("chat.update"),
    latest_wins=True,
)
UPDATE_DIGEST = EffectKind(
    name="update_digest",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=by(_paging, Paging.update_digest),
    cost=Cost("chat.update"),
    latest_wins=True,
)
CHECK_ON_DUTY = EffectKind(
    name="check_on_duty",
    destination=SLACK,
    urgency=Urgency.PAGE,
    deliver=in_room(SlackDelivery.check_on_duty),
    cost=Cost("users.info"),
    latest_wins=True,
)

# What is first here is first among kinds of one urgency.
KINDS = (
    PAGE,
    DIGEST,
    IDENTIFY,
    RESOLVE_GROUP,
    OPEN_CHANNEL,
    INVITE,
    POST_CARD,
    TELL,
    ANNOUNCE,
    UPDATE_CARD,
    UPDATE_PAGE,
    PUBLISH_HOME,
    PIN_CARD,
    SET_TOPIC,
    ARCHIVE,
    TELL_RESULT,
    UPDATE_TOLD,
    UPDATE_DIGEST,
    CHECK_ON_DUTY,
    OFFER_ANSWER,
)
