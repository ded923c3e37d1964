"""`--baseline`: findings that were there before, as `--format json` wrote them."""

import json
from pathlib import Path

from bot.errors import UsageError


def fingerprints(path: Path) -> frozenset[str]:
    """The fingerprints in a file that `--format json` wrote. UsageError."""
    need = "need a file that `warroom check --format json` wrote"
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        rows = [*result["findings"], *result["unknown"]]
        return frozenset(str(row["fingerprint"]) for row in rows)
    except OSError as error:
        raise UsageError(f"--baseline: {path} can't be read ({error.strerror}), {need}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"--baseline: {path} holds no result of a check, {need}") from error
