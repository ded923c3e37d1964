"""What the API's description says of each route: its OpenAPI operation."""

from typing import Any

from bot.integrations.source import Description
from bot.integrations.standard.request_schema import REPORT_SCHEMA

BEARER = "bearer"  # the scheme of a token, as the description calls it
WAIT_MOST = 60  # seconds that the gate lets somebody wait
_WITH_TOKEN: dict[str, Any] = {"security": [{BEARER: []}]}
_STRING = {"type": "string"}
_NULLABLE = {"type": ["string", "null"]}
_MOMENT_IF_ANY = {"type": ["string", "null"], "format": "date-time"}
_SECONDS = {"type": "number", "minimum": 0, "maximum": WAIT_MOST, "default": 0}
_VERDICTS = {"enum": ["pending", "allow", "block"]}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """An object with exactly these properties; `optional` ones may be missing."""
    needed = [name for name in properties if name not in optional]
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | {"required": needed}


_DETAIL = _object(
    {
        "path": _STRING,
        "message": _STRING,
        "found": {
            "type": ["string", "number", "boolean", "null"],
            "description": "What stood there, where it can be shown.",
        },
    }
)
_ERROR = _object(
    {
        "error": {"type": "string", "description": "A stable code."},
        "message": _STRING,
        "detail": {"type": "array", "items": _DETAIL},
    },
    "detail",
)
_WORDS = {
    400: "Malformed: no JSON, not UTF-8, a key twice, too deep.",
    401: "Not signed, signed with another secret, too old, or no token.",
    403: "The token is for other repositories than that of what is reported or asked about.",
    404: "Not known, or not configured.",
    409: "A room's id, and the room holds several violations: the message has their ids.",
    413: "Too large.",
    415: "Neither JSON nor a CloudEvent.",
    422: "Well formed, but not what is needed; `detail` has the paths.",
    503: "The database is away, or too many violations wait to be stored: nothing was stored, "
    "send it again after `Retry-After` seconds.",
}
_RULE = _object({"id": _STRING, "file": _STRING, "line": {"type": "integer"}, "digest": _STRING})
_EXCEPTION = _object({"id": _STRING, "until": _STRING, "allowed_by": _STRING})
# Of a violation that nobody has to be asked about: why not.
_CLEARED = {
    "outcome": {"enum": ["auto_cleared", "waived"]},
    "reason": _STRING,
    "rule": _RULE,
    "exception": _EXCEPTION,
}
_ANSWERS = {
    "type": "array",
    "items": _object(
        {
            "policy": _STRING,
            "answer": {"enum": ["room", "rule", "exception", None]},
            "verdict": _VERDICTS,
            "room_id": _NULLABLE,
        }
    ),
    "description": "One for each policy that the violation breaks; all together are the verdict.",
}
_STORED = _object(
    {
        "violation_id": _STRING,
        "room_id": _NULLABLE,
        "status": {"enum": ["open", "decided", "closed", "cleared", None]},
        "duplicate": {"type": "boolean"},
        "expires_at": _MOMENT_IF_ANY,
        "verdict": _VERDICTS,
        "answers": _ANSWERS,
        "links": _object({"gate": _STRING, "room": _NULLABLE}),
        **_CLEARED,
    },
    *_CLEARED,
)
_IGNORED = _object(
    {"status": {"const": "ignored"}, "reason": {"type": "string", "description": "Why."}}
)
_SUCCEEDED = _object(
    {
        "status": {"const": "succeeded", "description": "Told in the room; it decides nothing."},
        "room_id": _STRING,
        "duplicate": {"type": "boolean"},
        "verdict": _VERDICTS,
        "links": _object({"room": _NULLABLE}),
    }
)
_OF_ONE = {"oneOf": [_STORED, _SUCCEEDED, _IGNORED]}
_SEVERAL = _object(
    {
        "violations": {
            "type": "array",
            "items": _OF_ONE,
            "anyOf": [{"maxItems": 0}, {"minItems": 2}],
            "description": "Those that the message reported, in its order.",
        }
    }
)
_ANSWER = {"oneOf": [_STORED, _SUCCEEDED, _IGNORED, _SEVERAL]}
_PAGED = {
    "type": "array",
    "items": _object({"person": _STRING, "role": _STRING, "seen_at": _MOMENT_IF_ANY}),
    "description": "Who was paged, and when they said that they have seen it.",
}
_VERDICT = _object(
    {
        "verdict": _VERDICTS,
        "violation_id": _STRING,
        **dict.fromkeys(("room_id", "policy", "policy_digest"), _NULLABLE),
        **dict.fromkeys(("outcome", "reason", "decided_at"), _NULLABLE),
        **dict.fromkeys(("decided_by", "decided_by_account"), _NULLABLE),
        **dict.fromkeys(("valid_until", "room_url"), _NULLABLE),
        "expires_at": _MOMENT_IF_ANY,
        "rule": _RULE,
        "exception": _EXCEPTION,
        "answers": _ANSWERS,
        "opened_at": _MOMENT_IF_ANY,
        "paged": _PAGED,
    },
    "rule",
    "exception",
)
_ASKED = _object(
    {"violations": {"type": "array", "maxItems": 1000, "items": REPORT_SCHEMA}},
)
_FORETOLD = _object(
    {
        "answers": {
            "type": "array",
            "items": _object(
                {
                    "answer": {"enum": ["none", "room", "exception", "rule"]},
                    "id": _NULLABLE,
                    "until": _MOMENT_IF_ANY,
                    **dict.fromkeys(("url", "justification", "by"), _NULLABLE),
                }
            ),
        }
    }
)
_ALIVE = _object({"status": {"const": "ok"}})


def webhook(path: str, source: Description) -> dict[str, Any]:
    """The description of a source's route at `path`."""
    content = {kind: {"schema": _at(path, kind, schema)} for kind, schema in source.content.items()}
    return {
        "summary": source.summary,
        "responses": {
            202: _json(
                "Stored, or ignored with a reason; a list where the message reported several "
                "violations, or none.",
                _ANSWER,
            ),
            **_errors(*source.refusals),
        },
        "requestBody": {"required": True, "content": content},
        "parameters": [
            *(_header(name, source.other_names.get(name)) for name in source.headers),
            *(_header(other, name) for name, other in source.other_names.items()),
            *(_optional(name) for name in source.optional),
        ],
        **(_WITH_TOKEN if source.bearer else {}),
    }


def _header(name: str, other: str | None) -> dict[str, Any]:
    """A header that is needed, unless it may be called otherwise too."""
    needed = {"name": name, "in": "header", "required": not other, "schema": _STRING}
    return needed | ({"description": f"This one or `{other}`."} if other else {})


def _optional(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": _STRING}


def _at(path: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A body's schema with what refers to its own definitions leading to where it stands."""
    place = ("paths", path, "post", "requestBody", "content", media_type, "schema")
    root = "/".join(("#", *(key.replace("~", "~0").replace("/", "~1") for key in place)))

    def walk(part: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(part, dict):
            return {key: walk(each) for key, each in part.items()}
        if isinstance(part, list):
            return [walk(each) for each in part]
        own = isinstance(part, str) and part.startswith("#/$defs/")
        return root + part.removeprefix("#") if own else part

    return dict(walk(schema))


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _errors(*statuses: int) -> dict[int, Any]:
    return {status: _json(_WORDS[status], _ERROR) for status in statuses}


GATE: dict[str, Any] = {
    "summary": "The verdict on a violation, or on the one that a room holds; with `wait`, as soon "
    "as there is one",
    "parameters": [
        {"name": "violation_id", "in": "path", "required": True, "schema": _STRING},
        {"name": "wait", "in": "query", "required": False, "schema": _SECONDS},
    ],
    "responses": {200: _json("The verdict.", _VERDICT), **_errors(401, 403, 404, 409, 422, 503)},
    **_WITH_TOKEN,
}
FORETOLD: dict[str, Any] = {
    "summary": "What violations would be answered if they were reported now; nothing is opened, "
    "and it is no verdict",
    "responses": {
        200: _json("An answer for each, in their order.", _FORETOLD),
        **_errors(400, 401, 403, 413, 422, 503),
    },
    "requestBody": {"required": True, "content": {"application/json": {"schema": _ASKED}}},
    **_WITH_TOKEN,
}
HEALTH: dict[str, Any] = {
    "summary": "The process lives",
    "responses": {200: _json("It does.", _ALIVE)},
}
READY: dict[str, Any] = {
    "summary": "It can work: database, migrations, no effect and no timer due for long",
    "responses": {200: _json("It can.", _ALIVE), 503: _json("Which check failed.", _ERROR)},
}
METRICS: dict[str, Any] = {
    "summary": "Figures for Prometheus; no ids but of exceptions, no names of people, no secrets",
    "responses": {
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
}
_HASH = {"type": "string", "contentEncoding": "base64", "description": "32 bytes."}
_LEAVES = {"type": "integer", "minimum": 0}
_PROOF = {"type": "array", "items": _HASH, "maxItems": 63}
_SIZE: dict[str, Any] = {
    "name": "size",
    "in": "query",
    "required": False,
    "schema": _STRING,
    "description": "Of the tree; else the newest checkpoint's, where that will do, or today's.",
}
CHECKPOINT: dict[str, Any] = {
    "summary": "The log's newest signed checkpoint (C2SP tlog-checkpoint), with its cosignatures",
    "responses": {
        200: {"description": "A signed note.", "content": {"text/plain": {"schema": _STRING}}},
        **_errors(404, 503),
    },
}
PROOF: dict[str, Any] = {
    "summary": "The proof that an event is in the log's tree (RFC 9162, 2.1.3); gives no content",
    "parameters": [
        {
            "name": "event",
            "in": "query",
            "required": True,
            "schema": _STRING,
            "description": "`KIND/ID/SEQ`, such as `war_room/room000001/3`, or its position.",
        },
        _SIZE,
    ],
    "responses": {
        200: _json(
            "The leaf's number, the tree's size and root, and the hashes between.",
            _object({"index": _LEAVES, "size": _LEAVES, "root": _HASH, "proof": _PROOF}),
        ),
        **_errors(400, 404, 503),
        409: _json("Not in the log yet, or not in a tree of that size.", _ERROR),
    },
}
CONSISTENCY: dict[str, Any] = {
    "summary": "The proof that the log's tree continues an older one (RFC 9162, 2.1.4)",
    "parameters": [
        {"name": "from", "in": "query", "required": True, "schema": _STRING},
        _SIZE,
    ],
    "responses": {
        200: _json(
            "The sizes, the larger one's root, and the hashes.",
            _object({"from": _LEAVES, "size": _LEAVES, "root": _HASH, "proof": _PROOF}),
        ),
        **_errors(400, 503),
        409: _json("The log has not so many leaves.", _ERROR),
    },
}
BYTES = "application/octet-stream"
CLIENT: dict[str, Any] = {
    "summary": "What a pipeline runs, as one file: `python3 warroom.pyz gate`",
    "responses": {
        200: {
            "description": "A program for Python 3.11 or later.",
            "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
}
CLIENT_DIGEST: dict[str, Any] = {
    "summary": "Its digest, as `sha256sum -c` takes it",
    "responses": {
        200: {"description": "A line.", "content": {"text/plain": {"schema": _STRING}}},
    },
}
