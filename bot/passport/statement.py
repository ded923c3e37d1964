"""A passport as an in-toto Statement: which artifact, and what is said of it.

Rules
- The subject is the artifact by its name and its digest; the files that it is made of are named in
  the predicate, so that what has changed can be named.
- A statement is JSON with sorted keys, so that the same passport has the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.passport.predicate import PREDICATE, TYPE

STATEMENT = "https://in-toto.io/Statement/v1"


class PassportError(Exception):
    """Bytes that are no passport; the message says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A passport: the artifact's name and its SHA-256 in hex, and what is said of it."""

    name: str
    digest: str
    predicate: Mapping[str, Any]

    @classmethod
    def read(cls, payload: bytes) -> "Statement":
        """From an envelope's payload. PassportError says what is wrong with it."""
        try:
            value = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise PassportError(f"the statement is no JSON: {error}") from error
        if not isinstance(value, dict) or value.get("_type") != STATEMENT:
            raise PassportError(f"no statement of the type {STATEMENT}")
        if value.get("predicateType") != TYPE:
            raise PassportError(f"found a statement of {value.get('predicateType')}, need {TYPE}")
        faults = list(PREDICATE.faults(value.get("predicate"), ""))
        if faults:
            more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
            raise PassportError(f"{faults[0]}{more}")
        name, digest = _subject(value.get("subject"))
        return cls(name, digest, value["predicate"])

    @property
    def payload(self) -> bytes:
        """The statement as JSON. PassportError where the predicate isn't what one is."""
        faults = list(PREDICATE.faults(dict(self.predicate), ""))
        if faults:
            raise PassportError(faults[0])
        value = {
            "_type": STATEMENT,
            "subject": [{"name": self.name, "digest": {"sha256": self.digest}}],
            "predicateType": TYPE,
            "predicate": dict(self.predicate),
        }
        return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def _subject(value: object) -> tuple[str, str]:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        name, digest = value[0].get("name"), value[0].get("digest")
        sha256 = digest.get("sha256") if isinstance(digest, dict) else None
        if isinstance(name, str) and name and isinstance(sha256, str):
            return name, sha256
    raise PassportError("need one subject, with a name and a sha256 digest")
