"""What runs when a file is started: its own code, and what that calls in modules of the same tree.

Rules
- A module that is imported runs by itself, but for what stands behind the guard of a script; of
  what it defines, only what is called does. What is an entry by itself is held to what it does.
- A call that the catalogue knows isn't followed: it says what the call does.
- What another module uses stands, for the file, where it is called; its own place is told besides.
  What the call hands over stands where it is handed over.
- How far it is followed is bounded: beyond that, it isn't looked at.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.check.configs import SettingsFiles
from bot.check.known import KnownCalls
from bot.check.python.calls import datasets_and_models
from bot.check.python.elsewhere import copy_of, is_of
from bot.check.python.exports import Exports
from bot.check.python.module import Bound, CallSite, Module, Place, Scope
from bot.check.python.names import Names
from bot.check.python.parameters import Handed
from bot.check.python.reached import Where
from bot.check.python.resolve import Resolver
from bot.check.python.sites import FoundUse
from bot.check.python.training import Training, is_started
from bot.check.python.tree import Tree
from bot.check.uses import Span

MAX_DEPTH = 4
MAX_MODULES = 100


@dataclass(slots=True)
class _Called:
    """A module that runs with a file, what of it is called, and where that is said first."""

    module: Module
    at: Span
    scopes: list[Scope] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)


class Running:
    """What runs with one module."""

    def __init__(
        self,
        module: Module,
        known: KnownCalls,
        settings: SettingsFiles,
        tree: Tree,
        called: _Called | None = None,
        around: Sequence[str] = (),
    ) -> None:
        self._known = known
        self._settings = settings
        self._tree = tree
        self._elsewhere = tree.elsewhere
        self._callers = tree.callers
        self.around = (*around, module.path)
        handed = called.handed if called else ()
        self.module = copy_of(module) if called else module
        self._resolver = Resolver(self.module, settings, tree.elsewhere, handed)
        scopes = called.scopes if called else None
        self._training = Training(self.module, self._resolver, known, scopes)
        if called:
            self.module.calls = [
                site for site in self.module.calls if self._training.runs(site.scope)
            ]
        self._names = Names(self._resolver)
        self._handed = {each.text: each for one in handed for each in one.texts()}
        self.below: list[tuple[_Called, Running]] = []
        if called is None and self._is_followed():
            self._follow()

    def trains(self) -> bool:
        """Whether it trains, or what it calls does."""
        return self._training.trains() or any(running.trains() for _, running in self.below)

    def found(self) -> Iterator[FoundUse]:
        """What it uses, and what is used by what it calls."""
        yield from datasets_and_models(self._resolver, self._names, self._known)
        yield from Exports(self._resolver, self._names, self._known).found()
        for called, running in self.below:
            for each in running.found():
                yield running.placed(each, called.at)

    def placed(self, found: FoundUse, at: Span) -> FoundUse:
        """What this module uses, for the file that calls it there."""
        use, argument = found.use, found.argument
        within = use.within or f"{self.module.path}:{use.span.line}"
        name = self._handed.get(use.name)
        if name:
            at, within = name.span, name.within
        handed = any(each.argument == argument for each in self._handed.values())
        if argument and not handed:
            argument = replace(argument, span=at)
        return FoundUse(replace(use, span=at, within=within), at.line, argument, found.needs)

    def _is_followed(self) -> bool:
        """Whether it matters what runs with it: where nothing trains, nobody asks on what."""
        if self._training.trains():
            return True
        local = self._elsewhere.local(self.module).values()
        return any(self._callers.leads_to_training(part.path) for part in local)

    def _follow(self) -> None:
        """Have the modules of the tree that run with it, as far as they lead to anything known.

        The nearest first, and no more than so many. A module runs once, whoever imports it; what
        is called of it, each time.
        """
        followed: list[str] = []
        todo = deque([self])
        while todo:
            each = todo.popleft()
            if len(each.around) > MAX_DEPTH:
                continue
            for called in sorted(each.called(), key=lambda one: not one.scopes):
                path = called.module.path
                if len(followed) >= MAX_MODULES:
                    return
                is_done = not called.scopes and path in followed
                if is_done or not self._callers.leads_to_uses(path):
                    continue
                followed.append(path)
                running = Running(
                    called.module, self._known, self._settings, self._tree, called, each.around
                )
                each.below.append((called, running))
                todo.append(running)

    def called(self) -> Iterator[_Called]:
        """The modules of the tree that it imports, with what it calls of them."""
        local = self._elsewhere.local(self.module)
        if not local:
            return
        by_path: dict[str, _Called] = {}
        for scope in self.module.scopes:
            if self._training.runs(scope):
                self._imported(scope, by_path)
        for site in self.module.calls:
            if self._training.runs(site.scope):
                where = Where(site.scope, site.arms)
                dotted = self._resolver.dotted.of(site.node.func, where)
                if is_of(dotted, local) and not self._known.of(dotted):
                    self._call(site, dotted, by_path)
        yield from by_path.values()

    def _imported(self, scope: Scope, by_path: dict[str, _Called]) -> None:
        for bound in scope.names.values():
            for binding in bound:
                if binding.bound is Bound.IMPORT:
                    self._runs(binding.text, binding.place, by_path)
        for star, place in scope.stars.items():
            self._runs(star, place, by_path)

    def _runs(self, dotted: str, place: Place, by_path: dict[str, _Called]) -> None:
        part = self._elsewhere.files.find(dotted, self.module.path)
        module = self._elsewhere.module(part.path) if part else None
        if module and module.path not in self.around:
            by_path.setdefault(module.path, _Called(module, self.module.span_at(place)))

    def _call(self, site: CallSite, dotted: str, by_path: dict[str, _Called]) -> None:
        defined = self._elsewhere.defined(dotted, self.module.path)
        if not defined or defined.module.path in self.around:
            return
        at = self.module.span(site.node)
        called = by_path.get(defined.module.path)
        if called is None or not called.scopes:
            called = by_path[defined.module.path] = _Called(defined.module, at)
        for scope in defined.scopes:
            if not is_started(scope):
                called.scopes.append(scope)
                where = Where(site.scope, site.arms)
                called.handed.append(Handed(scope, site.node, where, self._names))
