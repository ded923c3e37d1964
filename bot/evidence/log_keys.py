"""The log's keys as they are configured: in the environment, or in a file that it names.

Rules
- While a key is being replaced there are two, separated by a blank.
- A file with a key that others can read is refused. In `.env`, which has more than the key, it is
  taken all the same: doctor says so.
- All are called as the log's origin is.
"""

import stat
from hmac import compare_digest
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import UsageError
from bot.evidence.errors import EvidenceError
from bot.evidence.keys import PRIVATE, SigningKey
from bot.settings import Settings

KEY, ORIGIN = "WARROOM_LOG_KEY", "WARROOM_LOG_ORIGIN"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def is_read_by_others(mode: int) -> bool:
    """Whether somebody besides its owner may do anything with a file of this mode."""
    return bool(mode & _OTHERS)


def log_keys(settings: Settings) -> tuple[SigningKey, ...]:
    """The keys that the log signs with, one at least. UsageError says what is missing or wrong."""
    written = settings.warroom_log_key.get_secret_value().strip()
    if not written:
        mend = "`warroom audit keygen` prints both for .env"
        raise UsageError(f"found no {KEY}, need the key that the log signs with; {mend}")
    if not written.startswith(PRIVATE):
        written = _in_file(Path(written))
    try:
        keys = tuple(map(SigningKey.read, written.split()))
    except EvidenceError as error:
        raise UsageError(f"{KEY}: {error}") from error
    other = [key.name for key in keys if key.name != settings.warroom_log_origin]
    if other:
        named = settings.warroom_log_origin or "none"
        raise UsageError(f"{KEY} is of the log {other[0]}, {ORIGIN} names {named}")
    return keys


def read_by_others(settings: Settings) -> Path | None:
    """The `.env` that the log's key stands in, where others can read it; None where they can't."""
    file = Path(".env")
    # As the settings have it, a name may be in small letters.
    found = [value for name, value in dotenv_values(file).items() if name.upper() == KEY and value]
    used = settings.warroom_log_key.get_secret_value().encode()
    if not any(compare_digest(value.encode(), used) for value in found):
        return None
    return file if is_read_by_others(file.stat().st_mode) else None


def _in_file(path: Path) -> str:
    try:
        if is_read_by_others(path.stat().st_mode):
            raise UsageError(f"{KEY}: others can read {path}; chmod 600 mends that")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:  # what it is may be a secret, and isn't shown
        why = error.strerror if isinstance(error, OSError) else "no text"
        raise UsageError(f"{KEY} is no key, and no file that can be read: {why}") from error
