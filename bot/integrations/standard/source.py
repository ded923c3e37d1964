"""`POST /webhooks/violations`: Standard Webhooks, with plain JSON or CloudEvents 1.0 in it.

Rules
- The delivery's id is `webhook-id`, whatever id an event in it has.
- A callback to where none may go is refused as far as its address says so; a name is looked up
  when the verdict is sent.
- A CloudEvent needs `id`, `source`, `specversion` and `type`; its data is the violation.
"""

from collections.abc import Mapping

from bot.integrations import body
from bot.integrations.request_error import Detail, RequestError, invalid, shown, unsigned
from bot.integrations.source import Ignored, Message, Reported, Surroundings
from bot.signatures import SignatureError, verify

JSON = "application/json"
CLOUD_EVENT = "application/cloudevents+json"
REQUIRED = ("id", "source", "specversion", "type")
VERSION = "1.0"


def take(message: Message, around: Surroundings) -> Reported | Ignored:
    """A violation that is signed with one of our secrets."""
    if not around.secrets:
        raise unsigned("no secret is configured: set WARROOM_WEBHOOK_SECRET")
    try:
        delivery = verify(around.secrets, message.headers, message.body, around.now)
    except SignatureError as error:
        raise unsigned(str(error)) from error
    data, prefix = _data(message)
    report = body.report(data, around.config.policies, around.now, prefix)
    callback = report.callback_url
    if callback and (why := around.callback_refusal(str(callback))):
        raise invalid(Detail(f"{prefix}callback_url", why))
    return Reported(report, delivery)


def _data(message: Message) -> tuple[object, str]:
    """The violation, and what its paths start with in the body."""
    kind = message.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == CLOUD_EVENT:
        event = body.parse(message.body)
        if not isinstance(event, dict):
            raise invalid(Detail("body", "a CloudEvent is a JSON object"))
        _attributes(event, "")
        if "data" not in event:
            raise invalid(Detail("data", "is needed: the violation"))
        _is_json(event.get("datacontenttype", JSON))
        return event["data"], "data."
    if kind != JSON:
        need = f"{JSON} or {CLOUD_EVENT}"
        raise RequestError(415, "unsupported_media_type", f"found {kind or 'none'}, need {need}")
    if any(name.startswith("ce-") for name in message.headers):
        named = {
            name: message.headers[f"ce-{name}"]
            for name in REQUIRED
            if f"ce-{name}" in message.headers
        }
        _attributes(named, "ce-")
    return body.parse(message.body), ""


def _is_json(kind: object) -> None:
    bare = str(kind).partition(";")[0].strip().lower()
    if bare != JSON and not bare.endswith("+json"):
        message = f"need {JSON}"
        raise invalid(Detail("datacontenttype", message, shown(kind)))


def _attributes(event: Mapping[str, object], prefix: str) -> None:
    missing = [name for name in REQUIRED if not isinstance(event.get(name), str) or not event[name]]
    if missing:
        raise invalid(*(Detail(prefix + name, "is needed in a CloudEvent") for name in missing))
    if event["specversion"] != VERSION:
        found = shown(event["specversion"])
        raise invalid(Detail(f"{prefix}specversion", f"need {VERSION!r}", found))
