"""What `/docs` says of the routes that read their body raw."""

from typing import Any

from bot.domain.violation import Report

_ERROR = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "A stable code."},
        "message": {"type": "string"},
        "detail": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string"},
                    "message": {"type": "string"},
                    "found": {"description": "What stood there, where it can be shown."},
                },
            },
        },
    },
}
_WORDS = {
    400: "Malformed: no JSON, not UTF-8, a key twice, too deep.",
    401: "Not signed, signed with another secret, too old, or no token.",
    404: "Not known.",
    413: "Over 256 KiB.",
    415: "Neither JSON nor a CloudEvent.",
    422: "Well formed, but not what is needed; `detail` has the paths.",
    503: "The database is away: nothing was stored, send it again after `Retry-After` seconds.",
}
_ANSWER = {
    "type": "object",
    "properties": {
        "violation_id": {"type": "string"},
        "room_id": {"type": "string"},
        "status": {"enum": ["open", "decided", "closed", "ignored"]},
        "duplicate": {"type": "boolean"},
        "expires_at": {"type": "string", "format": "date-time"},
        "verdict": {"enum": ["pending", "allow", "block"]},
        "links": {
            "type": "object",
            "properties": {"gate": {"type": "string"}, "room": {"type": ["string", "null"]}},
        },
        "reason": {"type": "string", "description": "Why it was ignored."},
    },
}
_STRING = {"type": "string"}
_NULLABLE = {"type": ["string", "null"]}
_VERDICT = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["pending", "allow", "block"]},
        **dict.fromkeys(("violation_id", "room_id", "policy", "policy_digest"), _STRING),
        **dict.fromkeys(("outcome", "reason", "decided_by", "decided_at"), _NULLABLE),
        **dict.fromkeys(("valid_until", "room_url"), _NULLABLE),
        "expires_at": {"type": "string", "format": "date-time"},
    },
}
_SUMMARIES = {
    "violations": "Report a violation, signed by Standard Webhooks",
    "github": "GitHub's webhooks: a failed workflow or check run",
}
_HEADERS = {
    "violations": ("webhook-id", "webhook-timestamp", "webhook-signature"),
    "github": ("X-GitHub-Event", "X-Hub-Signature-256"),
}


def webhook(name: str) -> dict[str, Any]:
    """The description of one webhook."""
    plain = _inlined(Report.model_json_schema()) if name == "violations" else {"type": "object"}
    content = {"application/json": {"schema": plain}}
    if name == "violations":
        content["application/cloudevents+json"] = {"schema": {"type": "object"}}
    return {
        "summary": _SUMMARIES[name],
        "responses": {
            202: _json("Stored, or ignored with a reason.", _ANSWER),
            **_errors(400, 401, 404, 413, 415, 422, 503),
        },
        "openapi_extra": {
            "requestBody": {"required": True, "content": content},
            "parameters": [
                {"name": header, "in": "header", "required": True, "schema": {"type": "string"}}
                for header in _HEADERS[name]
            ],
        },
    }


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with its definitions in the places that refer to them: it stands inside another."""
    definitions = schema.get("$defs", {})

    def walk(part: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(part, list):
            return [walk(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return walk(definitions[part["$ref"].rpartition("/")[2]])
        return {key: walk(each) for key, each in part.items() if key != "$defs"}

    return dict(walk(schema))


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _errors(*statuses: int) -> dict[int | str, Any]:
    return {status: _json(_WORDS[status], _ERROR) for status in statuses}


GATE: dict[str, Any] = {
    "summary": "The verdict on a violation; with `wait`, as soon as there is one",
    "responses": {200: _json("The verdict.", _VERDICT), **_errors(401, 404, 422, 503)},
}
HEALTH: dict[str, Any] = {"summary": "The process lives"}
READY: dict[str, Any] = {
    "summary": "It can work: database, migrations, nothing undelivered for long",
    "responses": {503: _json("Which check failed.", _ERROR)},
}
