"""Submitting and closing modals.

Rules
- Values: block id → value, or block id → action id → value.
- What Slack itself refuses never reaches the bot: outcome `refused`, with an error per block.
- The bot's answer: none closes the modal; `errors`, `update`, `push` and `clear` do what they say;
  anything else, and errors for blocks that are not there, is a failure the person sees.
"""

from collections.abc import Mapping

from bot.local_slack.acting.act_context import ActContext, answered
from bot.local_slack.acting.clicking import view_of
from bot.local_slack.blockkit.surfaces import check_view
from bot.local_slack.delivery.exchange import Answer, Delivery
from bot.local_slack.slack_errors import RefusedError, SlackError
from bot.local_slack.state.entered import NotOfferedError, entry, refused
from bot.local_slack.state.identified import elements
from bot.local_slack.state.records import Json, View


async def submit(
    context: ActContext, user: str, view_id: str, values: Mapping[str, object]
) -> Json:
    """Fill in the top modal and submit it. Raises RefusedError."""
    view = _top(context, user, view_id)
    if view.body.get("submit") is None:
        raise RefusedError("no_submit", f"view {view_id} has nothing to submit")
    enter(context, user, view_id, values)
    errors = refused(view.blocks, view.entered)
    if errors:
        return {"outcome": "refused", "errors": errors, **answered(None)}
    payload = context.payloads.submission(user, view)
    answer = await context.line.deliver(Delivery("interactive", "view_submission", payload))
    if not answer.acked:
        return {"outcome": "failed", "reason": answer.error, **answered(answer)}
    try:
        return {**_follow(context, view, answer), **answered(answer)}
    except SlackError as error:
        return {"outcome": "failed", "reason": error.answer(), **answered(answer)}


def enter(context: ActContext, user: str, view_id: str, values: Mapping[str, object]) -> None:
    """Fill in a view; each click and submission tells the bot all of it. Raises RefusedError."""
    view = view_of(context, user, view_id)
    for block_id, given in values.items():
        _enter(view, block_id, given)


async def close(context: ActContext, user: str, view_id: str, *, everything: bool = False) -> Json:
    """Close the top modal, or `everything` that is open. Raises RefusedError."""
    view = _top(context, user, view_id)
    everything = everything or bool(view.body.get("clear_on_close"))
    if everything:
        gone = context.workspace.views.clear(user)
    else:
        context.workspace.views.close(view)
        gone = [view]
    answer: Answer | None = None
    for closed in gone:
        if closed.body.get("notify_on_close"):
            payload = context.payloads.closed(user, closed, cleared=everything)
            answer = await context.line.deliver(Delivery("interactive", "view_closed", payload))
    return {"closed": [closed.id for closed in gone], **answered(answer)}


def _top(context: ActContext, user: str, view_id: str) -> View:
    view = view_of(context, user, view_id)
    stack = context.workspace.views.stack(user)
    if not stack or stack[-1] is not view:
        raise RefusedError("view_not_on_top", f"view {view_id} is not the modal on top")
    return view


def _enter(view: View, block_id: str, given: object) -> None:
    block = next((b for b in view.blocks if b["block_id"] == block_id), None)
    fields = {e["action_id"]: e for e in elements(block)} if block is not None else {}
    if not fields:
        raise RefusedError("no_such_block", f"view {view.id} has no input {block_id}")
    per_action = given if isinstance(given, dict) else {next(iter(fields)): given}
    for action_id, value in per_action.items():
        if action_id not in fields:
            raise RefusedError("no_such_action", f"block {block_id} has no {action_id}")
        try:
            entered = entry(fields[action_id], value)
        except NotOfferedError as error:
            raise RefusedError("no_such_option", str(error)) from error
        view.entered.setdefault(block_id, {})[action_id] = entered


def _follow(context: ActContext, view: View, answer: Answer) -> Json:
    """Do what the bot's answer to a submission says. Raises SlackError."""
    views = context.workspace.views
    body = answer.body
    if body in (None, "", {}):
        views.close(view)
        return {"outcome": "closed"}
    given: Json = body if isinstance(body, dict) else {}
    action = given.get("response_action")
    if action == "clear":
        views.clear(view.user)
        return {"outcome": "cleared"}
    if action == "errors":
        return {"outcome": "errors", "errors": _errors(view, given.get("errors"))}
    if action not in ("update", "push"):
        raise SlackError("invalid_response_action")
    shown = check_view(given.get("view"), "modal", context.workspace.files.image)
    if action == "update":
        views.update(view, shown)
        return {"outcome": "updated", "view_id": view.id}
    return {"outcome": "pushed", "view_id": views.push(view.user, shown).id}


def _errors(view: View, given: object) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    said = given if isinstance(given, dict) else {}
    if not said or not set(said) <= inputs or not all(isinstance(e, str) for e in said.values()):
        raise SlackError("invalid_error_blocks", blocks=sorted(inputs))
    return said
