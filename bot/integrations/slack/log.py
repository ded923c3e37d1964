"""What Slack is told of the log: the day's checkpoint, and that a witness refused one."""

from bot.domain.checkpoint import CheckpointPosted, SignedCheckpoint, WitnessRefused
from bot.domain.effect import Change, Effect, Follower
from bot.integrations.slack.deliver.log import TellingOfTheLog
from bot.integrations.slack.deliver.slack_delivery import SlackDelivery
from bot.integrations.slack.kinds import SLACK, TO_CHANNEL, by
from bot.outbox.kinds import EffectKind, Urgency


def _telling(slack: SlackDelivery) -> TellingOfTheLog:
    return slack.telling_of_the_log


TELL_REFUSAL = EffectKind(
    name="tell_refusal",
    destination=SLACK,
    urgency=Urgency.NEWS,
    deliver=by(_telling, TellingOfTheLog.refusal),
    cost=TO_CHANNEL,
    is_message=True,
)
POST_CHECKPOINT = EffectKind(
    name="post_checkpoint",
    destination=SLACK,
    urgency=Urgency.HOUSEKEEPING,
    deliver=by(_telling, TellingOfTheLog.checkpoint),
    cost=TO_CHANNEL,
    is_message=True,
)
KINDS = (TELL_REFUSAL, POST_CHECKPOINT)


def refused(event: WitnessRefused, change: Change[SignedCheckpoint]) -> tuple[Effect, ...]:
    """The alarm, where there is a channel for it."""
    return _told(TELL_REFUSAL, event.channel, change)


def posted(event: CheckpointPosted, change: Change[SignedCheckpoint]) -> tuple[Effect, ...]:
    """The message itself."""
    return _told(POST_CHECKPOINT, event.channel, change)


def _told(kind: EffectKind, channel: str, change: Change[SignedCheckpoint]) -> tuple[Effect, ...]:
    if not channel:
        return ()
    payload = {"channel": channel, "size": change.after.id, "seq": str(change.seq)}
    return (Effect(kind=kind.name, lane=f"log:{channel}", payload=payload, shared=True),)


FOLLOW: Follower = {WitnessRefused: refused, CheckpointPosted: posted}
