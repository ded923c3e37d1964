"""What can be added to the bot, as one value; whatever is built in is one too.

Rules
- It is handed to the composition root: nothing is loaded by name.
- Two of a kind have two names; a follower needs none. Two forms have two callback ids, two measures
  two gauges, and no measure has the name of a key that figures have anyway.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import click

from bot.domain.effect import Follower
from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.slack.commands.subcommand import Subcommands
from bot.integrations.slack.show.buttons import DETAILS, MORE
from bot.integrations.slack.show.exceptions import ACTIONS as EXCEPTION_ACTIONS
from bot.integrations.slack.show.exceptions import MODALS as EXCEPTION_MODALS
from bot.integrations.slack.show.follow_ups import ACTIONS as FOLLOW_UP_ACTIONS
from bot.integrations.slack.show.follow_ups import MODALS as FOLLOW_UP_MODALS
from bot.integrations.slack.show.modals import OPEN_MODAL
from bot.integrations.slack.verbs.verb import Form, Verbs
from bot.integrations.source import Source, sections_of
from bot.measures.figures import KEYS
from bot.measures.measure import Measure
from bot.outbox.kinds import EffectKind
from bot.policies.sources import Sections


@dataclass(frozen=True, slots=True)
class Extension:
    """What comes in addition, of each kind."""

    sources: tuple[Source[Any], ...] = ()
    commands: tuple[click.Command, ...] = ()
    doctor_checks: tuple[DoctorCheck, ...] = ()
    effect_kinds: tuple[EffectKind, ...] = ()
    followers: tuple[Follower, ...] = ()
    verbs: Verbs = ()
    subcommands: Subcommands = ()
    measures: tuple[Measure[Any], ...] = ()

    @property
    def sections(self) -> Sections:
        """The shapes of what `sources.yaml` may hold."""
        return sections_of(self.sources)


def combined(extensions: Iterable[Extension]) -> Extension:
    """All of them as one, in their order. ValueError where two would answer to one name."""
    every = tuple(extensions)
    kinds = {
        kind.name: tuple(value for each in every for value in getattr(each, kind.name))
        for kind in fields(Extension)
    }
    parts = Extension(**kinds)
    names = {
        kind: [value.name for value in values if hasattr(value, "name")]
        for kind, values in kinds.items()
    }
    names["verbs"] += [MORE, DETAILS, *FOLLOW_UP_ACTIONS, *EXCEPTION_ACTIONS]
    names["forms"] = [OPEN_MODAL, *FOLLOW_UP_MODALS, *EXCEPTION_MODALS] + [
        verb.act.callback_id for verb in parts.verbs if isinstance(verb.act, Form)
    ]
    for kind, called in names.items():
        for name, count in Counter(called).items():
            if count > 1:
                raise ValueError(f"{kind}: {count} are called {name!r}; a name means one thing")
    with_gauge: dict[str, str] = {}
    for measure in parts.measures:
        if measure.name in KEYS:
            raise ValueError(f"measures: {measure.name!r} is a key of the figures themselves")
        if measure.gauge:
            gauge = measure.gauge.name
            other = with_gauge.setdefault(gauge, measure.name)
            if other != measure.name:
                both = f"{other!r} and {measure.name!r}"
                raise ValueError(f"measures: {both} have one gauge, {gauge!r}")
    return parts
