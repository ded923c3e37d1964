"""An approval as people give it: a click on the button, and its form sent in."""

from bot.local_slack import People, Submitted
from tests.build import WITHIN_POLICY


async def approve(
    people: People,
    *,
    user: str,
    channel: str | None = None,
    view_id: str | None = None,
    reason: str = WITHIN_POLICY,
) -> Submitted:
    """Approve where `user` sees the button: in a channel, or in a view such as their home tab."""
    sent = await try_to_approve(people, user=user, channel=channel, view_id=view_id, reason=reason)
    assert sent, f"{user} got no form"
    return sent


async def try_to_approve(
    people: People,
    *,
    user: str,
    channel: str | None = None,
    view_id: str | None = None,
    reason: str = WITHIN_POLICY,
) -> Submitted | None:
    """The same of who may be refused before they get the form: None then."""
    before = {view.id for view in await people.views(user)}
    await people.click(user=user, channel=channel, view_id=view_id, action_id="approve")
    forms = [view for view in await people.views(user) if view.id not in before]
    if not forms or forms[-1].callback_id != "approve_modal":
        return None
    return await people.submit(user=user, view_id=forms[-1].id, values={"reason": reason})
