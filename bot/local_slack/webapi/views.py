"""views.*: modals and the home tab."""

from bot.local_slack.blockkit.surfaces import check_view
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json, View
from bot.local_slack.state.shapes import view_shape
from bot.local_slack.state.tickets import Trigger
from bot.local_slack.webapi.method import Call, Method, words
from bot.local_slack.webapi.rates import Tier


def _answer(call: Call, view: View) -> Json:
    return {"view": view_shape(view, call.workspace.config)}


def _trigger(call: Call) -> Trigger:
    given = call.args.optional("trigger_id") or call.args.text("interactivity_pointer")
    return call.workspace.tickets.check_trigger(given)


def _given(call: Call, surface: str) -> Json:
    return check_view(call.args.json("view"), surface, call.workspace.files.image)


def _open(call: Call) -> Json:
    given = _given(call, "modal")
    trigger = _trigger(call)
    view = call.workspace.views.open(trigger.user, given)
    trigger.used = True
    return _answer(call, view)


def _push(call: Call) -> Json:
    given = _given(call, "modal")
    trigger = _trigger(call)
    view = call.workspace.views.push(trigger.user, given)
    trigger.used = True
    return _answer(call, view)


def _update(call: Call) -> Json:
    given = _given(call, "any")
    views = call.workspace.views
    if call.args.has("view_id"):
        view = views.find(call.args.text("view_id"))
    else:
        view = views.by_external_id(call.args.text("external_id"))
    return _answer(call, views.update(view, given, call.args.optional("hash")))


def _publish(call: Call) -> Json:
    given = _given(call, "home")
    try:
        user = call.workspace.directory.human(call.args.text("user_id")).id
    except SlackError:
        raise SlackError("not_enabled") from None
    known = call.args.optional("hash")
    return _answer(call, call.workspace.views.publish(user, given, known))


_TRIGGERS = words("interactivity_pointer trigger_id")
_REFUSED = words("duplicate_external_id view_too_large")
_NO_TRIGGER = words("exchanged_trigger_id expired_trigger_id invalid_trigger_id")

METHODS = (
    Method(
        "views.open",
        _open,
        Tier.T4,
        required=("view",),
        optional=_TRIGGERS,
        errors=_REFUSED | _NO_TRIGGER,
    ),
    Method(
        "views.push",
        _push,
        Tier.T4,
        required=("view",),
        optional=_TRIGGERS,
        errors=_REFUSED | _NO_TRIGGER | words("not_found push_limit_reached"),
    ),
    Method(
        "views.update",
        _update,
        Tier.T4,
        required=("view",),
        optional=words("external_id hash view_id"),
        errors=_REFUSED | words("hash_conflict not_found"),
    ),
    Method(
        "views.publish",
        _publish,
        Tier.T4,
        required=("user_id", "view"),
        optional=words("hash interactivity_pointer"),
        errors=_REFUSED | words("hash_conflict not_enabled"),
    ),
)
