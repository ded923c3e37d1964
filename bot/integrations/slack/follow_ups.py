"""What Slack is told of follow-ups: the kinds of effects, and what follows from each event.

Rules
- Its owner is asked by a direct message, and so is whoever owes it next.
- A message that asks is settled once the follow-up is closed, also where it was under way then.
"""

from bot.domain import follow_up as f
from bot.domain.effect import Change, Effect, Follower
from bot.domain.follow_up import FollowUp
from bot.integrations.slack.deliver.follow_ups import AskingOwners, user_of
from bot.integrations.slack.deliver.slack_delivery import SlackDelivery
from bot.integrations.slack.kinds import SLACK, TO_PERSON, TO_THREAD, by
from bot.outbox.budgets import Cost
from bot.outbox.kinds import EffectKind, Urgency

Effects = tuple[Effect, ...]


def _asking(slack: SlackDelivery) -> AskingOwners:
    return slack.asking_owners


ASK = EffectKind(
    name="ask_follow_up",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=by(_asking, AskingOwners.ask),
    cost=TO_PERSON,
    is_message=True,
)
TELL = EffectKind(
    name="tell_follow_up",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=by(_asking, AskingOwners.tell),
    cost=TO_THREAD,
    is_message=True,
)
SETTLE = EffectKind(
    name="settle_follow_up",
    destination=SLACK,
    urgency=Urgency.VIEW,
    deliver=by(_asking, AskingOwners.settle),
    cost=Cost("chat.update"),
    latest_wins=True,
)
NAME_HOLDERS = EffectKind(
    name="name_follow_up_holders",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=by(_asking, AskingOwners.name_holders),
    cost=Cost("usergroups.users.list"),
)
KINDS = (ASK, TELL, SETTLE, NAME_HOLDERS)


def owed(event: f.FollowUpOwed, change: Change[FollowUp]) -> Effects:
    """Its owner is asked, and Slack who is in the user group that holds the role."""
    group = Effect(kind=NAME_HOLDERS.name, lane="group")
    return (*_to_owner(ASK, change), *((group,) if event.group else ()))


def moved(event: f.FollowUpPassedOn | f.HoldersNamed, change: Change[FollowUp]) -> Effects:
    """Whoever owes it now, and did not before, is asked."""
    before = change.before
    return () if before and before.owner == event.owner else _to_owner(ASK, change)


def asked(event: f.FollowUpAsked, change: Change[FollowUp]) -> Effects:
    """A message that was under way while it was closed is settled."""
    return (_to(SETTLE, change.after, event.name),) if change.after.closure else ()


def due(event: f.FollowUpReminded | f.FollowUpOverdue, change: Change[FollowUp]) -> Effects:
    """Its owner is told."""
    del event
    return _to_owner(TELL, change)


def closed(event: f.FollowUpClosed, change: Change[FollowUp]) -> Effects:
    """Every message that asked is settled."""
    del event
    return tuple(_to(SETTLE, change.after, name) for name in change.after.asked)


def _to_owner(kind: EffectKind, change: Change[FollowUp]) -> Effects:
    owner = change.after.owner
    return (_to(kind, change.after, owner),) if owner else ()


def _to(kind: EffectKind, after: FollowUp, name: str) -> Effect:
    lane = f"dm:{user_of(after, name)}"
    return Effect(kind=kind.name, lane=lane, payload={"user": name})


FOLLOW: Follower = {
    f.FollowUpOwed: owed,
    f.FollowUpAsked: asked,
    f.FollowUpReminded: due,
    f.FollowUpOverdue: due,
    f.FollowUpPassedOn: moved,
    f.HoldersNamed: moved,
    f.FollowUpClosed: closed,
}
