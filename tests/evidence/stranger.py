"""What `docs/verify.py` finds, which shares no code with the bot; it is run within the test."""

import io
from collections.abc import Sequence
from types import ModuleType

from bot.evidence.keys import VerifierKey
from tests.evidence.exporting import VERIFY


def _stranger() -> ModuleType:
    """The verifier that shares no code with the bot."""
    module = ModuleType("stranger")
    exec(compile(VERIFY.read_text(encoding="utf-8"), str(VERIFY), "exec"), module.__dict__)
    return module


STRANGER = _stranger()


def by_stranger(
    data: bytes, since: str | None = None, keys: Sequence[VerifierKey] = ()
) -> set[str]:
    """The kinds of what docs/verify.py finds in an export."""
    for each in (STRANGER.found, STRANGER.erased, STRANGER.recorded):
        each.clear()
    kept = [] if since is None else [since]
    STRANGER.check_export(io.BytesIO(data), dict(map(STRANGER.read_key, map(str, keys))), kept)
    return set(STRANGER.found)
