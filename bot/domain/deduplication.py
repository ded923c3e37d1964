"""Deduplication keys: what makes violations one decision, as text of one length.

Rules
- Whoever reports may give a key of their own; else it is derived from what the violation is about.
- A key that somebody gives may be used for several things: it is bound to the commit, repository
  and digest that it is given for.
"""

import hashlib
import json
from functools import lru_cache


@lru_cache(maxsize=1024)  # each step of a room asks for its key
def derived(*place: str | None) -> str:
    """The key of what is at this place."""
    return hashlib.sha256(json.dumps(place).encode()).hexdigest()[:32]


def bound(key: str, commit: str | None, repository: str | None, digest: str | None = None) -> str:
    """A deduplication key as that of one commit and one digest; the same where there is nothing."""
    parts = [commit, digest, *([repository] if repository else [])]
    if not any(parts):
        return key
    return hashlib.sha256(json.dumps([key, *parts]).encode()).hexdigest()[:32]
