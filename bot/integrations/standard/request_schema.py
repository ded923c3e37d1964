"""The JSON schemas of what `POST /webhooks/violations` takes, made of the report's own fields.

What the record keeps of unknown fields doesn't count here: a body that has one is refused.
"""

from typing import Any

from bot.domain.violation import Report


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
        strict = {"additionalProperties": False} if "properties" in part else {}
        # That a field may be left out is said by what is required.
        said = {key: each for key, each in part.items() if (key, each) != ("default", None)}
        return {key: walk(each) for key, each in said.items() if key != "$defs"} | strict

    return dict(walk(schema))


REPORT_SCHEMA = _inlined(Report.model_json_schema())
CLOUD_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        **{name: {"type": "string", "minLength": 1} for name in ("id", "source", "type")},
        "specversion": {"const": "1.0"},
        "data": REPORT_SCHEMA,
        "data_base64": {
            "type": "string",
            "contentEncoding": "base64",
            "contentMediaType": "application/json",
            "contentSchema": REPORT_SCHEMA,
        },
    },
    "oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}],
}
