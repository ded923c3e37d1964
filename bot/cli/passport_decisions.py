"""Decisions that allow a model, from the proofs of them that `warroom audit prove` writes.

Rules
- A proof is held to its own tree and to the log's key, where that is known: `WARROOM_LOG_KEY`, or
  the verifier keys given. Without one its decision isn't taken.
- What doesn't allow anything is refused: a passport names what it rests on.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import UsageError
from bot.evidence.errors import EvidenceError
from bot.evidence.export_lines import Entry
from bot.evidence.keys import VerifierKey
from bot.evidence.log_keys import log_keys
from bot.evidence.opened import Opening
from bot.evidence.proof_files import ProofFile
from bot.passport.making import Said, moment
from bot.settings import Settings

ALLOW, DECIDED, CLEARED = "allow", "decided", "auto_cleared"


def decided(files: Sequence[Path], keys: Sequence[VerifierKey]) -> dict[str, Said]:
    """The decisions in these proofs, which a log with one of these keys has signed. UsageError."""
    if not files:
        return {}
    if not keys:
        raise UsageError("--decision: need the log's verifier key, with --log-key")
    names = ", ".join(each.name for each in files)
    return {"decisions": Said([_decision(each, keys) for each in files], names)}


def verifier_keys(settings: Settings, given: Sequence[str]) -> list[VerifierKey]:
    """The log's keys that are given, and those that are configured. UsageError."""
    try:
        keys = [VerifierKey.read(each) for each in given]
    except EvidenceError as error:
        raise UsageError(f"--log-key: {error}") from error
    if settings.warroom_log_key.get_secret_value():
        keys += [key.verifier for key in log_keys(settings)]
    return keys


def _decision(file: Path, keys: Sequence[VerifierKey]) -> dict[str, Any]:
    try:
        proof = ProofFile.read(file.read_bytes())
        value = json.loads(proof.extra or b"{}")
        entry = Entry.read(value)
        signed = proof.verify(entry.data, keys)
        opening = Opening.of(entry)
        faults = list(opening.faults())
    except OSError as error:
        raise UsageError(f"--decision: can't read {file}: {error.strerror}") from error
    except (EvidenceError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"--decision: {file}: {error}") from error
    if faults:
        raise UsageError(f"--decision: {file}: {faults[0]}")
    said = _of(entry.leaf.kind, entry.leaf.stream_id, opening)
    if said is None:
        raise UsageError(f"--decision: {file} is of no decision that allows anything")
    return said | {"log": {"origin": signed.checkpoint.origin, "index": proof.index}}


def _of(kind: str, stream_id: str, opening: Opening) -> dict[str, Any] | None:
    """What a decision says; None where it allows nothing."""
    event = opening.payload.get("event", {})
    if kind == CLEARED:
        rule, policy = event.get("rule", {}), event.get("policy_id")
        return {"id": str(rule.get("id")), "policy": str(policy), "outcome": CLEARED}
    decision = event.get("decision", {}) if kind == DECIDED else {}
    if decision.get("verdict") != ALLOW:
        return None
    said: dict[str, Any] = {"id": stream_id, "outcome": decision["outcome"]}
    if scope := decision.get("scope"):
        opened = opening.apart.get("event.decision.scope.name")
        name = opened[1] if opened else scope.get("name", "")
        said["scope"] = f"{scope.get('kind', '')} {name}".strip()
    if until := decision.get("valid_until"):
        said["until"] = moment(datetime.fromisoformat(until))
    return said
