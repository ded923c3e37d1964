"""What a handler is asked, and what it answers.

A handler gives events, or a refusal; who may ask has been checked before. In the events people
stand by the names that the room knows them by.

Rules
- Where a text needs a least length, letters and digits count: signs and blanks say nothing.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from bot.domain import commands as c
from bot.domain import events as e
from bot.domain.person import Actor
from bot.domain.policy import Role, Rules
from bot.domain.refusal import Refusal, Why
from bot.domain.war_room import WarRoom

Answer = tuple[e.Event, ...] | Refusal
C = TypeVar("C", bound=c.Command)

TEXT_MOST = 3000  # what a Slack text input holds
_MODIFIER = "Lm"  # Unicode's category of letters that change another
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters by Unicode, and invisible


@dataclass(frozen=True, slots=True)
class Ask(Generic[C]):
    """A command in its place: by whom, in which role (None: by the war room itself), when.

    `names` has the room's name for each person whom the command names, `by` is who gives it.
    """

    room: WarRoom
    command: C
    actor: str
    account: str | None
    acting_role: Role | None
    names: Mapping[str, str]
    rules: Rules
    now: datetime
    by: Actor

    @property
    def role(self) -> Role:
        """The role in which a person acts; ValueError where the war room itself does."""
        if self.acting_role is None:
            raise ValueError(f"{self.command.verb}: {self.actor} has no role")
        return self.acting_role


def letters(text: str) -> int:
    """How many letters and digits `text` has, of any script.

    What shows nothing is none, and neither is what only changes another (`Lm`).
    """
    return sum(
        sign.isalnum() and sign not in _FILLERS and unicodedata.category(sign) != _MODIFIER
        for sign in text
    )


def misfit(name: str, text: str, least: int = 1) -> Refusal | None:
    """The refusal of a text with fewer letters and digits than `least`, or one that is too long.

    Where none are needed it may be empty, and else it says something.
    """
    count = letters(text)
    if count < max(least, bool(text.strip())):
        found = "1 letter or digit" if count == 1 else f"{count} letters and digits"
        article = "An" if name[0] in "aeiou" else "A"
        message = (
            f"{article} {name} is needed: found {found}, it needs at least {least}."
            if least
            else f"Found {found}: {article.lower()} {name} has words, or is left empty."
        )
        return Refusal(Why.INVALID, message, name)
    if len(text) > TEXT_MOST:
        message = f"Found {len(text)} characters, at most {TEXT_MOST} are possible."
        return Refusal(Why.INVALID, message, name)
    return None


def outside_review(at: datetime | None, now: datetime, until: datetime) -> Refusal | None:
    """The refusal of a review that is not between now and the end of what is to be reviewed."""
    if at is None or now < at < until:
        return None
    need = f"need a day after {now:%d %b %Y} and before the end, {until:%d %b %Y %H:%M} UTC"
    return Refusal(Why.INVALID, f"Found {at:%d %b %Y}, {need}.", "review")
