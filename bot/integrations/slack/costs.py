"""What each delivery costs, and how much there is to spend: nearly all that Slack allows.

Rules
- Tier 2 is 20 calls a minute, tier 3 is 50, tier 4 is 100, for each method and workspace
  (https://docs.slack.dev/apis/web-api/rate-limits). We keep to a window that is a little longer.
- Messages: one a second in a conversation, with short bursts; several hundred a minute in all.
- Nobody is paged more than `PAGES` times a minute; more than that becomes one digest.
"""

from datetime import timedelta

from bot.domain.effects import EffectKind
from bot.outbox.budgets import Budget, Cost, Limit

PAGES = 5
BURST = 5
MESSAGES = 360
_TIER_2, _TIER_3, _TIER_4 = 20, 50, 100
_MINUTE = timedelta(seconds=62)
_BURST_WINDOW = timedelta(seconds=5.5)
_TO_CHANNEL = Cost("chat.postMessage", look_up=("conversations.history",))
_TO_PERSON = Cost("chat.postMessage", look_up=("conversations.open", "conversations.history"))

_LIMITS = {
    "chat.postMessage": MESSAGES,
    "chat.update": _TIER_3,
    "conversations.archive": _TIER_2,
    "conversations.create": _TIER_2,
    "conversations.history": _TIER_3,
    "conversations.invite": _TIER_3,
    "conversations.list": _TIER_2,
    "conversations.open": _TIER_3,
    "conversations.setTopic": _TIER_2,
    "pins.add": _TIER_2,
    "usergroups.users.list": _TIER_2,
    "users.lookupByEmail": _TIER_3,
    "views.publish": _TIER_4,
}
COSTS = {
    EffectKind.OPEN_CHANNEL: Cost("conversations.create", look_up=("conversations.list",)),
    EffectKind.INVITE: Cost("conversations.invite"),
    EffectKind.POST_CARD: _TO_CHANNEL,
    EffectKind.PIN_CARD: Cost("pins.add"),
    EffectKind.SET_TOPIC: Cost("conversations.setTopic"),
    EffectKind.UPDATE_CARD: Cost("chat.update"),
    EffectKind.PAGE: _TO_PERSON,
    EffectKind.DIGEST: _TO_PERSON,
    EffectKind.UPDATE_PAGE: Cost("chat.update"),
    EffectKind.TELL: _TO_PERSON,
    EffectKind.ANNOUNCE: _TO_CHANNEL,
    EffectKind.ARCHIVE: Cost("conversations.archive"),
    EffectKind.IDENTIFY: Cost("users.lookupByEmail"),
    EffectKind.RESOLVE_GROUP: Cost("usergroups.users.list"),
    EffectKind.PUBLISH_HOME: Cost("views.publish"),
}


def budget(speed: float) -> Budget:
    """The budget at `speed` times the documented limits."""
    minute = _MINUTE / speed
    return Budget(
        methods={method: Limit(most, minute) for method, most in _LIMITS.items()},
        costs=COSTS,
        conversation=Limit(BURST, _BURST_WINDOW / speed),
        pages=Limit(PAGES, minute),
        digests=Limit(1, minute),
    )
