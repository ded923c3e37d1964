"""`warroom check -- COMMAND`: the real command, checked before it is started.

Rules
- The arguments that are given take the place of what can't be known from the script alone; what
  still can't be known is a finding, whatever the declaration says.
- What is given with a variable in it is no default: no shell fills that in any more, but the script
  may.
- An option may be shortened, as argparse lets it; it is the same option.
- It is the script that is looked at that is started, and here: what stands before it in the command
  names no other program, no other folder and no other machine.
- A declaration above the script that can't be read is a finding, as in a check of the tree.
- What it imports of the same tree runs with it, and is checked as a file of the tree is.
- On a finding nothing is started. Else this process becomes the command: its output, its signals
  and its exit code are its own.
"""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

from bot.check.commands import arguments_of, is_python, launch_of, starts_program
from bot.check.configs import SettingsFiles
from bot.check.declarations import Declarations
from bot.check.findings import Checked, Finding, in_order
from bot.check.imported import imported
from bot.check.known import KnownCalls
from bot.check.python.launched import launched
from bot.check.rules import GIVE, Comparison, invalid
from bot.check.run import rules_below, with_excerpts
from bot.check.scan import scan
from bot.check.shell import is_open
from bot.check.standards import Standards
from bot.check.uses import FileReading, How, Launch, Option, Span, Use
from bot.errors import UsageError

PLACE = "the command:1"
# Words before a script that start it elsewhere, or something else, or with more than is given.
_ELSEWHERE = frozenset(("docker", "kubectl", "podman", "xargs"))
_MOVES = re.compile(r"--(?:ch|cwd|dir|no[-_]py|root|split|work)")
_MOVES_BY_LETTER = re.compile(r"env -\w*[CS]|(?:srun|sbatch|sudo) -D")
_PLAIN = frozenset(("exec", "job", "launch", "run", "submit"))
_MODULE = ("-m", "--module")
_SETTINGS = (".yaml", ".yml", ".json", ".toml", ".cfg", ".ini")


def check(command: Sequence[str], working: Path, standards: Standards, today: date) -> Checked:
    """What is found in the script that a command starts, with what it gives it. UsageError."""
    began = time.perf_counter()
    launch = launch_of(command)
    if launch is None:
        need = "need a command that starts a script, such as python train.py --dataset_name x"
        raise UsageError(f"found {' '.join(command)[:100] or 'nothing'} behind `--`, {need}")
    _nothing_else(command, launch, working)
    script = _script(launch, working)
    root = working if script.is_relative_to(working) else script.parent
    known = KnownCalls.with_own(standards.calls)
    scanned = scan((script,), root, known)
    if not scanned.readings:
        why = scanned.skipped[0][1] if scanned.skipped else "is no file that can be read"
        raise UsageError(f"{launch.file}: {why}; nothing is started that wasn't looked at")
    reading = settled(scanned.readings[0], launch, SettingsFiles(root))
    declarations = Declarations(root, apart=rules_below(standards, root))
    comparison = Comparison(reading, declarations.of(reading), standards, today, started=True)
    found = [*comparison.findings(), *_hidden(reading, launch, standards)]
    beside = [
        each for each in imported(script, (script.parent, working)) if each.is_relative_to(root)
    ]
    others = scan(beside, root, known)
    for other in others.readings:
        found += Comparison(other, declarations.of(other), standards, today).findings()
    found += invalid(declarations.problems(), standards)
    shown = tuple(with_excerpts(in_order(found), root))
    training = sum(each.trains for each in (reading, *others.readings))
    seconds = time.perf_counter() - began
    return Checked(shown, 1 + others.seen, training, others.skipped, seconds, standards.notes)


def settled(reading: FileReading, launch: Launch, settings: SettingsFiles) -> FileReading:
    """A script with its real arguments in the place of what it could be given."""
    names = [name for option in reading.options for name in (option.name, *option.aliases)]
    whole = replace(launch, arguments=tuple(_whole(word, names) for word in launch.arguments))
    given = launched(whole, reading.options, settings, reading.path)
    taken = {(use.call, use.kind, use.role) for use in given}
    filled_in = [*_filled_in(reading.options, whole)]
    calls = {use.call for use in given}
    replaced = [option.span for option in reading.options if option.name in calls]
    own = (
        replace(use, name=None, how=How.UNKNOWN)
        if use.how is How.DEFAULT and any(_inside(use.span, span) for span in filled_in)
        else use
        for use in reading.uses
        if use.how is not How.LAUNCH
        and not (use.how in (How.UNKNOWN, How.DEFAULT) and (use.call, use.kind, use.role) in taken)
        and not (use.how is How.DEFAULT and any(_inside(use.span, span) for span in replaced))
    )
    places = {option.name: option.span for option in reading.options}
    real = (_placed(use, places.get(use.call, Span(1))) for use in given)
    return replace(reading, uses=(*own, *real))


def _filled_in(options: Iterable[Option], launch: Launch) -> Iterable[Span]:
    """Where the options stand that are given with a variable."""
    open_ = {
        argument.name
        for argument in arguments_of(launch)
        if any(is_open(word.text) for word in argument.values)
    }
    for option in options:
        names = (option.name, *option.aliases)
        if any(name.lstrip("-").replace("-", "_") in open_ for name in names):
            yield option.span


def _inside(span: Span, outer: Span) -> bool:
    end = (span.end_line, span.end_column) <= (outer.end_line, outer.end_column)
    return (outer.line, outer.column) <= (span.line, span.column) and end


def start(command: Sequence[str]) -> NoReturn:
    """Become the command. UsageError where there is no such program."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - the user's own command, as it was given
    except OSError as error:
        raise UsageError(f"{command[0]} can't be started: {error.strerror}") from error


def _nothing_else(command: Sequence[str], launch: Launch, working: Path) -> None:
    """UsageError where a command may start something else than the script that it names."""
    at = len(command) - len(launch.arguments) - 1
    before = command[:at]
    need = "need a command that starts nothing but the script, in this folder"
    program = ""
    for word in before:
        if starts_program(word):
            program = word.rpartition("/")[2]
            other = program in _ELSEWHERE
        elif word.startswith("-"):
            other = bool(_MOVES.match(word) or _MOVES_BY_LETTER.match(f"{program} {word}"))
        else:
            file = (working / word).is_file() and not word.endswith(_SETTINGS)
            known = word in _PLAIN or "=" in word
            other = not known and (file or shutil.which(word) is not None)
        if other:
            raise UsageError(f"found {word} before {command[at]}, {need}")
    takes_it = before and before[-1].startswith("-") and "=" not in before[-1]
    others = [word for word in launch.arguments[:1] if word.endswith(".py")]
    if takes_it and others and before[-1] not in _MODULE and not is_python(program):
        said = f"{before[-1]} {command[at]} {others[0]}"
        raise UsageError(f"found {said}, which may start either; {need}")


def _script(launch: Launch, working: Path) -> Path:
    named = launch.file
    module = named.replace(".", "/")
    candidates = [named] if named.endswith(".py") else [f"{module}.py", f"{module}/__main__.py"]
    if (working / module / "__init__.py").is_file():
        candidates = candidates[-1:]  # a package comes before a module of its name
    for candidate in candidates:
        if (working / candidate).is_file():
            return Path(os.path.normpath(working / candidate))
    raise UsageError(f"found no script {named}, need one that can be read before it is started")


def _whole(word: str, names: Iterable[str]) -> str:
    """An option as its script calls it, where its beginning is given, or its value behind it."""
    names = tuple(names)
    given, mark, value = word.partition("=")
    if given in names:
        return word
    if not given.startswith("--"):
        short, value = word[:2], word[2:]
        return f"{short}={value}" if short in names and value else word
    plain = given.replace("-", "_")
    longer = [name for name in names if name.replace("-", "_").startswith(plain)]
    return f"{longer[0]}{mark}{value}" if longer else word


def _placed(use: Use, span: Span) -> Use:
    return replace(use, span=span, within=use.within or PLACE)


def _hidden(reading: FileReading, launch: Launch, standards: Standards) -> Iterable[Finding]:
    """Arguments that stand in a file of arguments: what they are can't be known from here."""
    for argument in arguments_of(launch):
        for word in argument.values:
            if word.text.startswith("@") and reading.trains:
                message = f"What {word.text!r} holds can't be known from here."
                severity = standards.severity("not-known")
                yield Finding(
                    *(reading.path, Span(1), "not-known", severity, message), mend=GIVE, known=False
                )
