"""Whether the values beside a leaf are what its payload commits to.

Rules
- A commitment is `sha256:` and the hex SHA-256 of a salt and a value's JSON, and stands in the
  payload at the path by which the value is called.
- A value that was erased says when; what is left of it is its commitment.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from bot.evidence.errors import MalformedError
from bot.evidence.export_lines import Entry

PREFIX = "sha256:"
LENGTH = len(PREFIX) + 64


def payload_of(entry: Entry) -> dict[str, Any]:
    """The event's stored content. MalformedError where it is no object of JSON."""
    try:
        payload = json.loads(entry.leaf.payload)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the payload is no JSON") from error
    if not isinstance(payload, dict):
        raise MalformedError("the payload is no object")
    return payload


def faults(entry: Entry, payload: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the values beside a leaf, a sentence each."""
    there = set(_commitments(payload, "")) if entry.personal else set()
    for path, opened in entry.personal.items():
        if isinstance(opened, str):
            if not any(place == path for place, _ in there):
                yield f"{path} is said to be erased, and nothing was committed to there"
            continue
        salt, text = opened
        try:
            json.loads(text)
            digest = hashlib.sha256(bytes.fromhex(salt) + text.encode())
        except ValueError:
            yield f"{path} has no salt in hex, or its value is no JSON"
            continue
        if (path, PREFIX + digest.hexdigest()) not in there:
            yield f"{path} is not the value that was committed to"


def _commitments(value: object, path: str) -> Iterator[tuple[str, str]]:
    """All that may be a commitment, with its path."""
    if isinstance(value, str):
        if len(value) == LENGTH and value.startswith(PREFIX):
            yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _commitments(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _commitments(part, f"{path}.{number}")
