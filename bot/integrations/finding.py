"""A finding: one thing that was checked, how it is, and how to mend it."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked; `mend` says what to do where it is not well."""

    level: Level
    subject: str
    message: str
    mend: str = ""

    @property
    def shape(self) -> dict[str, str]:
        """For JSON."""
        return {name: str(value) for name, value in asdict(self).items()}


def ok(subject: str, message: str) -> Finding:
    """It is well."""
    return Finding(Level.OK, subject, message)


def warning(subject: str, message: str, mend: str) -> Finding:
    """It works, and will not be what somebody wants."""
    return Finding(Level.WARNING, subject, message, mend)


def error(subject: str, message: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(Level.ERROR, subject, message, mend)
