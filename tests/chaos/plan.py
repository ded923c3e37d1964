"""The schedule of a run, drawn from its seed: what is sent, who clicks what, who is killed when.

Rules
- Each part has a random source of its own: a change in one doesn't move the others.
- Times are seconds: of a violation, kill or restart from the run's start, of a click from the
  moment at which its violation was accepted.
- In every fifth room nobody decides. In the others several people decide at the same moment; in a
  third of those that moment is the end of the window.
"""

import random
from dataclasses import dataclass

from tests.chaos.world import POLICIES, Rule

DECIDING = ("approve", "override", "reject", "dismiss")
UNDECIDED, AT_THE_END = 0.2, 0.3
TWICE, JOINING = 0.15, 0.1


@dataclass(frozen=True, slots=True)
class Form:
    """How much of everything; `frozen` is how long a replica stands still, 0 for never."""

    rooms: int
    rate: float
    frozen: float = 0.0


@dataclass(frozen=True, slots=True)
class Click:
    """One person's click; `direct`: in their direct messages instead of the channel."""

    after: float
    user: str
    action: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Send:
    """One violation under its delivery id; `twice`: to two replicas at the same moment."""

    at: float
    delivery: str
    rule: Rule
    key: str
    initiator: str
    twice: bool
    clicks: tuple[Click, ...] = ()


@dataclass(frozen=True, slots=True)
class Kill:
    """A replica's process is killed, and started again `pause` later."""

    at: float
    victim: float
    """From 0 to 1: which of those that run."""
    pause: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is going to be done to the bot."""

    sends: tuple[Send, ...]
    kills: tuple[Kill, ...]
    restart_at: float
    freeze_at: float
    frozen: float

    @property
    def clicks(self) -> int:
        """How many in all."""
        return sum(len(send.clicks) for send in self.sends)


def plan(seed: int, form: Form) -> Plan:
    """The schedule of one seed."""
    span = form.rooms / form.rate
    clock = random.Random(f"{seed}/clock")
    return Plan(
        sends=_sends(seed, form),
        kills=_kills(seed, span + 15),
        restart_at=span * clock.uniform(0.5, 0.7),
        freeze_at=span * clock.uniform(0.15, 0.3),
        frozen=form.frozen,
    )


def _sends(seed: int, form: Form) -> tuple[Send, ...]:
    chance = random.Random(f"{seed}/sends")
    sends: list[Send] = []
    for number in range(form.rooms):
        at = number / form.rate
        rule = chance.choice(POLICIES)
        initiator = chance.choice(rule.initiators)
        key = f"room-{number}"
        twice = chance.random() < TWICE
        clicks = _clicks(random.Random(f"{seed}/clicks/{number}"), rule, initiator)
        sends.append(Send(at, f"chaos-{seed}-{number}", rule, key, initiator, twice, clicks))
        if chance.random() < JOINING:
            later = at + chance.choice((0.0, chance.uniform(0.5, rule.window)))
            other = chance.choice(rule.initiators)
            sends.append(Send(later, f"chaos-{seed}-{number}-b", rule, key, other, twice=False))
    return tuple(sorted(sends, key=lambda send: send.at))


def _clicks(chance: random.Random, rule: Rule, initiator: str) -> tuple[Click, ...]:
    people = (initiator, *rule.deciders)
    clicks = [
        Click(chance.uniform(2, 0.6 * rule.window), user, "ack", _direct(chance, rule, user))
        for user in people
        if chance.random() < 0.4
    ]
    if chance.random() < UNDECIDED:
        return tuple(clicks)
    at_the_end = chance.random() < AT_THE_END
    moment = rule.window if at_the_end else chance.uniform(0.1, 0.9) * rule.window
    for user in chance.sample(people, chance.randint(2, len(people))):
        action = "withdraw" if user == initiator else chance.choice(_may(rule, user))
        after = moment + chance.uniform(-0.3, 0.1)
        clicks.append(Click(after, user, action, _direct(chance, rule, user)))
    return tuple(clicks)


def _direct(chance: random.Random, rule: Rule, user: str) -> bool:
    """In every third case, for those who are paged at once."""
    return chance.random() < 1 / 3 and user != rule.validators[1]


def _may(rule: Rule, user: str) -> tuple[str, ...]:
    return ("approve", "dismiss") if user in rule.validators else DECIDING


def _kills(seed: int, until: float) -> tuple[Kill, ...]:
    chance = random.Random(f"{seed}/kills")
    kills, at = [], chance.uniform(4, 7)
    while at < until:
        kills.append(Kill(at, chance.random(), chance.uniform(0.2, 1.5)))
        at += chance.uniform(5, 9)
    return tuple(kills)
