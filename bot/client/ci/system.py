"""A CI as we need it: whether it runs us, where and by whom, and how it is told the end."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Environment = Mapping[str, str]
_REPOSITORY = re.compile(r"(?:\w+://[^/]+/|[^/]+:)(?P<name>.+?)(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class Run:
    """Where something happens, and who made the change: a violation's `origin` and `initiator`.

    What isn't known is left out. Of a pull request, `base` is the revision that it is compared
    with.
    """

    origin: Mapping[str, Any] = field(default_factory=dict)
    initiator: Mapping[str, str] = field(default_factory=dict)
    base: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """One CI. `name` is what a violation's origin has as its system."""

    name: str
    runs: Callable[[Environment], bool]
    read: Callable[[Environment], Run]


@dataclass(frozen=True, slots=True)
class End:
    """How it ended: the word for it, and the gate's last answer, empty where there was none."""

    verdict: str
    said: str
    answer: Mapping[str, Any]

    @property
    def values(self) -> dict[str, str]:
        """What a later step may read, each in one line."""
        given = ("outcome", "reason", "decided_by", "violation_id", "room_id", "room_url")
        found = {name: " ".join(str(self.answer.get(name) or "").split()) for name in given}
        return {"verdict": self.verdict, **found}


@dataclass(frozen=True, slots=True)
class Output:
    """How a CI is told of an end: into its files, and by lines in its log."""

    name: str
    tell: Callable[[Environment, End], Iterator[str]]


# What people write may be longer than a violation holds of it; whatever else is, is refused.
MOST = {"commit_message": 2000, "author": 300, "job": 200}


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those values that are there, as much of each as a violation holds, in UTF-8."""
    return {
        name: _held(value, MOST.get(name)) if isinstance(value, str) else value
        for name, value in values.items()
        if value not in (None, "", (), [])
    }


def _held(text: str, most: int | None) -> str:
    return text[:most].encode("utf-8", "replace").decode()


def number(text: str | None) -> int | None:
    """The number of a pull request; None for what is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and int(text) else None


def repository(address: str) -> str | None:
    """The path of a repository in its address."""
    found = _REPOSITORY.fullmatch(address)
    return found["name"] if found else None
