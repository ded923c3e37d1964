"""The modules of a tree, and which of them are worth to be followed."""

from dataclasses import dataclass
from typing import Self

from bot.check.callers import Callers
from bot.check.configs import SettingsFiles
from bot.check.known import KnownCalls
from bot.check.prefilter import Prefilter
from bot.check.python.elsewhere import Elsewhere
from bot.check.python.resolve import Resolver
from bot.check.python.training import Training


class _Steps:
    """Whether training stands in a module, whoever calls it; each is looked at once."""

    def __init__(self, known: KnownCalls, settings: SettingsFiles, elsewhere: Elsewhere) -> None:
        self._known = known
        self._settings = settings
        self._elsewhere = elsewhere
        self._found: dict[str, bool] = {}

    def stand_in(self, path: str) -> bool:
        """Whether a step of training stands anywhere in a module, as it is when it is imported."""
        if path not in self._found:
            module = self._elsewhere.module(path)
            if module is None:
                self._found[path] = False
            else:
                resolver = Resolver(module, self._settings, self._elsewhere, ())
                training = Training(module, resolver, self._known, [*module.scopes])
                self._found[path] = training.trains()
        return self._found[path]


@dataclass(frozen=True, slots=True)
class Tree:
    """What the files of one tree call in each other."""

    elsewhere: Elsewhere
    callers: Callers

    @classmethod
    def of(cls, settings: SettingsFiles, known: KnownCalls, prefilter: Prefilter) -> Self:
        """That of the tree in which these settings are."""
        elsewhere = Elsewhere(settings.modules, known)
        steps = _Steps(known, settings, elsewhere)
        return cls(elsewhere, Callers(settings.modules, prefilter, steps.stand_in))
