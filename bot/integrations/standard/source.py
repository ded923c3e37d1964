"""`POST /webhooks/violations`: Standard Webhooks, with plain JSON or CloudEvents 1.0 in it.

Rules
- The delivery's id is `webhook-id` or `svix-id`, whatever id an event in it has.
- A callback to where none may go is refused as far as its address says so; a name is looked up
  when the verdict is sent.
- A CloudEvent needs `id`, `source`, `specversion` and `type`; its data is the violation, as
  `data` or as the base64 of its JSON in `data_base64`.
"""

import base64
import binascii
from collections.abc import Mapping

from bot.integrations import body
from bot.integrations.request_error import Detail, RequestError, invalid, shown
from bot.integrations.source import (
    Description,
    Message,
    Reported,
    Source,
    SourceSettings,
    Surroundings,
)
from bot.integrations.standard.request_schema import CLOUD_EVENT_SCHEMA, REPORT_SCHEMA
from bot.settings import Settings
from bot.signatures import PARTS, Secret, delivery_id, secret_key
from bot.signatures import verify as verify_signature

JSON = "application/json"
CLOUD_EVENT = "application/cloudevents+json"
REQUIRED = ("id", "source", "specversion", "type")
VERSION = "1.0"
ENCODED = "data_base64"
SECRET_BYTES = 24  # what Standard Webhooks asks for at least


def secrets(settings: Settings, _: None) -> tuple[Secret, ...]:
    """All secrets that a violation may be signed with."""
    return settings.webhook_secrets


def flaw(secret: str) -> str | None:
    """What is weak about a secret. SignatureError where it is not one."""
    length = len(secret_key(secret))
    if length < SECRET_BYTES:
        return f"short: {length} bytes, need {SECRET_BYTES} to 64"
    return None


def verify(message: Message, around: Surroundings[None]) -> str | None:
    """The name of the secret that it is signed with. SignatureError where that is none of ours."""
    return verify_signature(around.secrets, message.headers, message.body, around.now)


def read(message: Message, around: Surroundings[None]) -> tuple[Reported]:
    """The violation in the body, under the id that its headers give."""
    delivery = delivery_id(message.headers)
    return (reported(message, around, delivery, "webhook-id"),)


def reported(
    message: Message, around: Surroundings[None], delivery: str, delivery_path: str
) -> Reported:
    """The violation in the body, or in the CloudEvent that the body is."""
    data, prefix = _data(message)
    report = body.report(data, around.now, prefix)
    callback = report.callback_url
    if callback and (why := around.callback_refusal(str(callback))):
        raise invalid(Detail(f"{prefix}callback_url", why))
    return Reported(report, delivery, policy_path=f"{prefix}policy", delivery_path=delivery_path)


def _data(message: Message) -> tuple[object, str]:
    """The violation, and what its paths start with in the body."""
    kind = message.media_type
    if kind == CLOUD_EVENT:
        event = body.parse(message.body)
        if not isinstance(event, dict):
            raise invalid(Detail("body", "a CloudEvent is a JSON object"))
        _check_attributes(event, "")
        content = event.get("datacontenttype", JSON)
        bare = str(content).partition(";")[0].strip().lower()
        if bare != JSON and not bare.endswith("+json"):
            raise invalid(Detail("datacontenttype", f"need {JSON}", shown(content)))
        return _data_of(event)
    if kind != JSON:
        need = f"{JSON} or {CLOUD_EVENT}"
        raise RequestError(415, "unsupported_media_type", f"found {kind or 'none'}, need {need}")
    if any(name.startswith("ce-") for name in message.headers):
        named = {
            name: message.headers[f"ce-{name}"]
            for name in REQUIRED
            if f"ce-{name}" in message.headers
        }
        _check_attributes(named, "ce-")
    return body.parse(message.body), ""


def _data_of(event: Mapping[str, object]) -> tuple[object, str]:
    """The same of a CloudEvent."""
    if ENCODED not in event:
        if "data" not in event:
            raise invalid(Detail("data", "is needed: the violation"))
        return event["data"], "data."
    if "data" in event:
        raise invalid(Detail(ENCODED, "stands beside `data`, and an event has one of the two"))
    encoded = event[ENCODED]
    if not isinstance(encoded, str):
        raise invalid(Detail(ENCODED, "need the violation's JSON in base64", shown(encoded)))
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(Detail(ENCODED, f"is no base64: {error}", shown(encoded))) from error
    try:
        return body.parse(content), f"{ENCODED}."
    except RequestError as error:
        raise _inside(error) from error


def _inside(error: RequestError) -> RequestError:
    """What is wrong with what was encoded, by its place in the event."""
    found = error.detail or (Detail("", error.message.replace("the body", "what is encoded")),)
    return invalid(*(Detail(f"{ENCODED}.{each.path}".rstrip("."), each.message) for each in found))


def _check_attributes(event: Mapping[str, object], prefix: str) -> None:
    missing = [name for name in REQUIRED if not isinstance(event.get(name), str) or not event[name]]
    if missing:
        raise invalid(*(Detail(prefix + name, "is needed in a CloudEvent") for name in missing))
    if event["specversion"] != VERSION:
        found = shown(event["specversion"])
        raise invalid(Detail(f"{prefix}specversion", f"need {VERSION!r}", found))


SOURCE = Source(
    name="violations",
    title="Standard Webhooks",
    settings=SourceSettings(None, secrets, lambda _: "WARROOM_WEBHOOK_SECRET", flaw),
    verify=verify,
    read=read,
    description=Description(
        summary="Report a violation, signed by Standard Webhooks",
        headers=("webhook-id", "webhook-timestamp", "webhook-signature"),
        other_names={f"webhook-{part}": f"svix-{part}" for part in PARTS},
        content={JSON: REPORT_SCHEMA, CLOUD_EVENT: CLOUD_EVENT_SCHEMA},
        refusals=(400, 401, 413, 415, 422, 503),
    ),
)
