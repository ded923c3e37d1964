"""`POST /webhooks/violations`: Standard Webhooks, with plain JSON or CloudEvents 1.0 in it.

Rules
- The delivery's id is `webhook-id`, whatever id an event in it has.
- A CloudEvent needs `id`, `source`, `specversion` and `type`; its data is the violation.
"""

from collections.abc import Mapping

from bot.intake import body
from bot.intake.problem import Detail, RequestError, invalid, unsigned
from bot.intake.signatures import SignatureError, verify
from bot.intake.source import Ignored, Message, Reported, Surroundings

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
    data = _data(message)
    report = body.report(data, around.config.policies, around.now)
    return Reported(report, delivery)


def _data(message: Message) -> object:
    kind = message.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == CLOUD_EVENT:
        event = body.parse(message.body)
        if not isinstance(event, dict):
            raise invalid(Detail("body", "a CloudEvent is a JSON object"))
        _attributes(event, "")
        if "data" not in event:
            raise invalid(Detail("data", "is needed: the violation"))
        return event["data"]
    if kind != "application/json":
        need = f"application/json or {CLOUD_EVENT}"
        raise RequestError(415, "unsupported_media_type", f"found {kind or 'none'}, need {need}")
    if any(name.startswith("ce-") for name in message.headers):
        named = {
            name: message.headers[f"ce-{name}"]
            for name in REQUIRED
            if f"ce-{name}" in message.headers
        }
        _attributes(named, "ce-")
    return body.parse(message.body)


def _attributes(event: Mapping[str, object], prefix: str) -> None:
    missing = [name for name in REQUIRED if not isinstance(event.get(name), str) or not event[name]]
    if missing:
        raise invalid(*(Detail(prefix + name, "is needed in a CloudEvent") for name in missing))
    if event["specversion"] != VERSION:
        message = f"found {event['specversion']!r}, need {VERSION!r}"
        raise invalid(Detail(f"{prefix}specversion", message))
