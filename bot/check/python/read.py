"""One Python file, read: whether it trains, on what, from which base, to where, and how known.

Rules
- Of a file that doesn't train nothing is told but its declarations and the commands in it; where it
  declares something, what it uses is told as well.
- One use for each name, how it is known and role; one unknown for each role; of exports one for
  each unknown target.
- Commands count that stand in strings which are statements, the docstring's first: those that
  start this file are examples of how it is used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.check import blocks
from bot.check.commands import launches_in, starts
from bot.check.configs import SettingsFiles
from bot.check.known import KnownCalls
from bot.check.prefilter import Prefilter
from bot.check.python.launched import launched
from bot.check.python.module import Module
from bot.check.python.reached import Argument
from bot.check.python.running import Running
from bot.check.python.sites import FoundUse
from bot.check.python.tree import Tree
from bot.check.uses import FileReading, Flag, Kind, Launch, Option, Span, Unreadable, Use

_SECONDARY = ("tokenizer", "architecture", "evaluation")


def read_python(
    path: str,
    text: str,
    known: KnownCalls,
    settings: SettingsFiles,
    tree: Tree | None = None,
) -> FileReading:
    """What the file at `path`, relative to the root, says and does. Never an error.

    `tree` are the modules that it may call; they are read again, unless it is given.
    """
    reading = FileReading(
        path,
        trains=False,
        blocks=blocks.at_top(text),
        ignored=blocks.suppressing(text),
        nearly=blocks.nearly(text),
    )
    tree = tree or Tree.of(settings, known, Prefilter(known))
    module = tree.elsewhere.parsed(path, text)
    if isinstance(module, Unreadable):
        return replace(reading, unreadable=module)
    try:
        return _read(module, reading, known, settings, tree)
    except RecursionError:
        return replace(reading, unreadable=Unreadable("nested too deeply to be read", Span(1)))


def _read(
    module: Module,
    reading: FileReading,
    known: KnownCalls,
    settings: SettingsFiles,
    tree: Tree,
) -> FileReading:
    launches = tuple(_launches(module))
    running = Running(module, known, settings, tree)
    trains = running.trains()
    if not trains and not reading.blocks:
        return replace(reading, launches=launches)
    found = [*_once(_without_results([*_explained([*running.found()])]))]
    options = tuple(dict.fromkeys(_option(each, each.argument) for each in found if each.argument))
    uses = [*_without_alternatives([each.use for each in found])]
    for launch in launches:
        if starts(launch, module.path):
            uses += launched(launch, options, settings, module.path)
    return replace(
        reading,
        trains=trains,
        uses=tuple(_first_of_each(uses)),
        launches=tuple(each for each in launches if not starts(each, module.path)),
        options=options,
    )


def _launches(module: Module) -> Iterator[Launch]:
    for text in module.texts:
        if isinstance(text.value, str):
            written = module.written(text)
            yield from launches_in(written, text.lineno, module.span(text).column)


def _explained(found: Sequence[FoundUse]) -> Iterator[FoundUse]:
    """Without those whose name something else tells.

    A tokenizer or a configuration beside its model, and a part of unknown data to evaluate.
    """
    others = {_what(each) for each in found if each.use.role not in _SECONDARY}
    for each in found:
        told = each.use.role in _SECONDARY and _what(each) in others
        if not told or (each.use.role == "evaluation" and each.use.name is not None):
            yield each


def _without_results(found: Sequence[FoundUse]) -> Iterator[FoundUse]:
    """Without the models that are loaded from where the file saved them before.

    What was pushed is loaded by its last part as well: it stands below the name of an account.
    """
    saved: dict[str, int] = {}
    bare: dict[str, int] = {}  # of those, what was pushed below an account that isn't named
    for each in found:
        if each.use.kind is Kind.EXPORT:
            target = _what(each)[1]
            pushed = each.use.export == "hub"
            for name in {target, _last_part(target)} if pushed else {target}:
                saved[name] = min(each.line, saved.get(name, each.line))
            if pushed and "/" not in target:
                bare[target] = min(each.line, bare.get(target, each.line))
    for each in found:
        name = _what(each)[1]
        before = min(saved.get(name, each.line), bare.get(_last_part(name), each.line))
        if each.use.kind is not Kind.MODEL or before >= each.line:
            yield each


def _last_part(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def _without_alternatives(uses: Sequence[Use]) -> Iterator[Use]:
    """Of an unknown target, one use: what would be given goes before what would be derived."""
    unknown: dict[tuple[Span, str], list[Use]] = {}
    for use in uses:
        if use.kind is Kind.EXPORT and use.name is None:
            unknown.setdefault((use.span, use.export), []).append(use)
    for use in uses:
        others = unknown.get((use.span, use.export), [use])
        if use.name is not None or use == min(others, key=lambda each: len(each.flags)):
            yield use


def _what(found: FoundUse) -> tuple[Kind, str]:
    """What a use names: the name, or what gives it."""
    return found.use.kind, found.use.name or found.use.call


def _once(found: Iterator[FoundUse]) -> Iterator[FoundUse]:
    """The first of each, by what the rules tell apart; unknown ones from an argument go before."""
    kept: dict[tuple[object, ...], FoundUse] = {}
    for each in found:
        key = _key(each.use)
        first = kept.get(key)
        if first is None or (each.argument and not first.argument and each.use.name is None):
            kept[key] = each
        elif first.argument is None and each.argument:
            kept[key] = replace(first, argument=each.argument)
        elif each.argument and first.argument and each.argument.name != first.argument.name:
            kept[(*key, each.argument.name)] = each
    yield from kept.values()


def _key(use: Use) -> tuple[object, ...]:
    if use.kind is Kind.EXPORT:
        target = use.name if use.name is not None else f"?{use.call}"
        return use.kind, use.export, use.role, target, use.how
    if use.name is None:
        return use.kind, use.role, None
    return use.kind, use.role, use.name, use.how


def _option(found: FoundUse, argument: Argument) -> Option:
    use = found.use
    return Option(
        argument.name,
        use.kind,
        argument.span,
        argument.aliases,
        use.role,
        use.export,
        argument.position,
        found.needs,
        use.flags & {Flag.DERIVED, Flag.OPTIONAL},
    )


def _first_of_each(uses: Sequence[Use]) -> Iterator[Use]:
    kept: dict[tuple[object, ...], Use] = {}
    models = {use.name for use in uses if use.kind is Kind.MODEL and use.role not in _SECONDARY}
    for use in uses:
        if use.role not in ("tokenizer", "architecture") or use.name not in models - {None}:
            kept.setdefault(_key(use), use)
    yield from sorted(kept.values(), key=lambda use: (use.kind, use.span, use.name or ""))
