"""Commands that start scripts of the same tree: what they hand on is what is used.

Rules
- A script is looked for from the folder that its command stands in, then from each above it, then
  anywhere, where only one path ends so.
- What starts training trains; a command whose script isn't here does, where the script's name or
  the program says so.
- The commands that a script shows of others are documentation, and hand nothing on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from posixpath import join, normpath

from bot.check.commands import SCRIPTS, arguments_of, is_trainer
from bot.check.configs import ENDINGS, SettingsFiles
from bot.check.option_names import named
from bot.check.python.launched import launched
from bot.check.shell import is_open
from bot.check.uses import FileReading, Flag, How, Launch, Span, Use, first_of_each

_NAMED_FOR_TRAINING = re.compile(
    r"(?<![a-z])(?:pre)?(?:train(?!ed)|fine_?tun|sft|dpo|kto|orpo|grpo|ppo|rlhf|distil)",
    re.IGNORECASE,
)


def linked(readings: Sequence[FileReading], settings: SettingsFiles) -> tuple[FileReading, ...]:
    """The readings, in their order, with what the commands in some hand on to others."""
    scripts = _Scripts.of(readings)
    changed: dict[str, FileReading] = {}
    launchers = [each for each in readings if each.launches and not each.path.endswith(".py")]
    for reading in launchers:
        own: list[Use] = []
        trains = reading.trains
        hands_on = not trains
        for launch in reading.launches:
            targets = scripts.started_by(launch, reading.path)
            if not _trains(launch, targets):
                continue
            trains = True
            options = [option for target in targets for option in target.options]
            if len(targets) > 1:  # a place among the arguments means another thing to each
                options = [option for option in options if option.position < 0]
            uses = launched(launch, options, settings, reading.path)
            own += uses if targets else _by_name(launch)
            hands_on = hands_on and len(targets) == 1
            if len(targets) == 1:
                target = changed.get(targets[0].path, targets[0])
                changed[target.path] = _with_uses(target, uses, reading.path)
            for recipe in scripts.configured_by(launch, reading.path):
                overrides = [*_overrides(launch, recipe)]
                own += overrides
                target = changed.get(recipe.path, recipe)
                changed[recipe.path] = _with_uses(target, overrides, reading.path)
        changed[reading.path] = replace(
            reading,
            trains=trains,
            uses=tuple(first_of_each((*reading.uses, *own))),
            hands_on=hands_on,
        )
    _link_launchers(launchers, scripts, changed)
    return tuple(changed.get(reading.path, reading) for reading in readings)


def _link_launchers(
    launchers: Sequence[FileReading], scripts: "_Scripts", changed: dict[str, FileReading]
) -> None:
    """A launcher that starts one which trains trains, and does nothing more by that."""
    waiting = [reading for reading in launchers if not changed[reading.path].trains]
    while waiting:
        started = [
            reading
            for reading in waiting
            if any(
                changed.get(target.path, target).trains
                for launch in reading.launches
                for target in scripts.started_by(launch, reading.path)
            )
        ]
        if not started:
            return
        for reading in started:
            changed[reading.path] = replace(changed[reading.path], trains=True, hands_on=True)
        waiting = [reading for reading in waiting if reading not in started]


@dataclass(frozen=True, slots=True)
class _Scripts:
    """The files that a command may start, by the last part of their paths."""

    by_name: Mapping[str, Sequence[FileReading]]

    @classmethod
    def of(cls, readings: Iterable[FileReading]) -> "_Scripts":
        by_name: dict[str, list[FileReading]] = defaultdict(list)
        for reading in readings:
            by_name[PurePosixPath(reading.path).name].append(reading)
        return cls(by_name)

    def started_by(self, launch: Launch, from_: str) -> Sequence[FileReading]:
        """The script that a command starts; several, where its name doesn't say which."""
        called = (self._called(file, from_) for file in _files(launch))
        return next((files for files in called if files), ())

    def configured_by(self, launch: Launch, from_: str) -> Sequence[FileReading]:
        """The training configuration that a command names, where only one is called so."""
        if not launch.config:
            return ()
        name = launch.config if launch.config.endswith(ENDINGS) else f"{launch.config}.yaml"
        called = self._called(name, from_)
        return [each for each in called if each.trains] if len(called) == 1 else ()

    def _called(self, file: str, from_: str) -> Sequence[FileReading]:
        alike = self.by_name.get(PurePosixPath(file).name, ())
        by_path = {reading.path: reading for reading in alike}
        for folder in PurePosixPath(from_).parents:
            if reading := by_path.get(normpath(join(folder.as_posix(), file))):
                return (reading,)
        for ending in _endings(file):
            if named_so := [each for each in alike if _ends_alike(each.path, ending)]:
                return named_so
        return ()


def _files(launch: Launch) -> Iterator[str]:
    """What the file may be called that a command starts: a script, a module or a recipe."""
    if launch.file.endswith(SCRIPTS):
        yield launch.file
    elif not is_trainer(launch) and not is_open(launch.file):
        path = launch.file.replace(".", "/")
        yield from (f"{path}.py", f"{path}/__main__.py")


def _ends_alike(path: str, ending: str) -> bool:
    """Whether a path ends so, or is itself the end of what was written from further above."""
    return f"/{path}".endswith(ending) or ("/" in path and ending.endswith(f"/{path}"))


def _endings(file: str) -> Iterator[str]:
    """How the path may end of a file that is named from elsewhere, the longest first.

    What a variable or another machine's folder stands for isn't known: the path may lie below it.
    """
    parts = [part for part in PurePosixPath(file).parts if part not in (".", "..")]
    while parts and is_open(parts[0]):
        del parts[0]
    yield "/" + "/".join(parts)
    if parts and parts[0] == "/":
        for first in range(1, len(parts)):
            yield "/" + "/".join(parts[first:])


def _trains(launch: Launch, targets: Sequence[FileReading]) -> bool:
    if targets:
        return any(target.trains for target in targets)
    if launch.file.endswith(".sh"):
        return False
    name = PurePosixPath(launch.file).name if launch.file.endswith(".py") else launch.file
    return is_trainer(launch) or bool(_NAMED_FOR_TRAINING.search(name))


def _by_name(launch: Launch) -> Iterator[Use]:
    """What a command hands on to a program that isn't here, by the names of its options."""
    for argument in arguments_of(launch):
        says = named(argument.name) if argument.name else None
        for word in argument.values[:1] if says else ():
            if says and word.text and not is_open(word.text):
                call = f"--{argument.name}"
                yield Use(says.kind, word.text, How.LAUNCH, word.span, call, says.role, says.export)


def _overrides(launch: Launch, recipe: FileReading) -> Iterator[Use]:
    """What a command sets otherwise in the training configuration that it names."""
    for argument in arguments_of(launch):
        for word in argument.values[:1]:
            for use in recipe.uses:
                if use.call == argument.name and use.how is How.CONFIG and not is_open(word.text):
                    flags = use.flags - {Flag.DERIVED}
                    yield replace(use, name=word.text, how=How.LAUNCH, span=word.span, flags=flags)


def _with_uses(target: FileReading, uses: Sequence[Use], from_: str) -> FileReading:
    """The script with what a command in another file gives to its options."""
    places = {use.call: use.span for use in target.uses}
    places |= {option.name: option.span for option in target.options}
    placed = (
        replace(
            use,
            span=places.get(use.call, Span(1)),
            within=use.within or f"{from_}:{use.span.line}",
            flags=use.flags - {Flag.DERIVED},
        )
        for use in uses
    )
    return replace(target, uses=tuple(first_of_each((*target.uses, *placed))))
