"""Which commands start a program that may train, and what they hand on to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from posixpath import join, normpath
from types import MappingProxyType

from bot.check.shell import WRAPPERS, Word, commands_in, is_open
from bot.check.uses import Launch, Span

# One letter after another: what begins code or a module takes the rest of the word, or the next.
_RUNS_OTHER = re.compile(r"-[^-WXcm]*(?:c.*|m.+|[^-WXcm]m)", re.DOTALL)
_TAKES_NEXT = re.compile(r"-[^-WXcm]*[WX]")
_OPTION = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_OVERRIDE = re.compile(r"\+{0,2}([A-Za-z_][\w./@-]*)=(.*)", re.DOTALL)
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*(?:\.exe)?")
_STARTERS = frozenset(
    ("accelerate", "torchrun", "deepspeed", "colossalai", "composer", "ray", "tune")
)
_STARTING_MODULES = frozenset(
    (
        "accelerate.commands.launch",
        "deepspeed.launcher.runner",
        "torch.distributed.launch",
        "torch.distributed.run",
    )
)
# Programs of known packages that train by a word of theirs, without a script.
_TRAINERS = {
    "autotrain": frozenset(("llm", "text-classification", "dreambooth")),
    "axolotl": frozenset(("train", "finetune")),
    "litgpt": frozenset(("finetune", "finetune_full", "finetune_lora", "pretrain")),
    "llamafactory-cli": frozenset(("train",)),
    "swift": frozenset(("pt", "rlhf", "sft")),
    "trl": frozenset(("distillation", "dpo", "gkd", "grpo", "kto", "reward", "rloo", "sft")),
    "yolo": frozenset(("train",)),
}
# What a script's name ends with, of those that a command may name by itself.
SCRIPTS = (".py", ".sh")
_SHELLS = frozenset(("bash", "sh", "zsh", "source", "."))
_MAY_START = re.compile(
    rf"^\s*cd\s|\.sh\b|\.py\b|\bpython|\b(?:{'|'.join((*sorted(_STARTERS), *_TRAINERS))})\s",
    re.ASCII,
)
_NONE: Mapping[str, str] = MappingProxyType({})
_SETTINGS = (".yaml", ".yml", ".json", ".toml")
_NAMES_SETTINGS = frozenset(("config", "config_name", "cfg", "config_file", "recipe"))


@dataclass(frozen=True, slots=True)
class Argument:
    """An option with its values, `key=value`, or a word by itself, whose name is then empty.

    `name` has no dashes before it, and `_` between its words. `span` is the option's.
    """

    name: str
    values: tuple[Word, ...]
    span: Span
    closed: bool = False  # written with `=`: nothing more belongs to it


def launches_in(
    text: str, line: int = 1, column: int = 1, variables: Mapping[str, str] = _NONE
) -> tuple[Launch, ...]:
    """The commands in `text` that start a program; `text` begins at that line and column.

    A file is told from the folder that the text begins in, as far as each `cd` says.
    """
    launches: list[Launch] = []
    folder = ""
    for words in commands_in(text, _MAY_START, line, column, variables):
        if words[0].text == "cd" and len(words) > 1:
            folder = "" if is_open(words[1].text) else join(folder, words[1].text)
        elif launch := _started(words):
            script = folder and launch.file.endswith(SCRIPTS)
            file = normpath(join(folder, launch.file)) if script else launch.file
            launches.append(replace(launch, file=file))
    return tuple(launches)


def may_start(text: str) -> bool:
    """Whether a text is worth being looked through for commands that start a program."""
    return bool(_MAY_START.search(text))


def launch_of(words: Sequence[str]) -> Launch | None:
    """What a command starts that was given word by word; None where that is nothing known."""
    return _started([Word(word, Span(1, 1, 1, 1)) for word in words])


def arguments_of(launch: Launch) -> tuple[Argument, ...]:
    """What a launch hands on, in order: `--a b c`, `--a=b`, `a=b` and `b`."""
    arguments: list[Argument] = []
    for text, span in zip(launch.arguments, launch.places, strict=True):
        named = _OPTION.fullmatch(text) or _OVERRIDE.fullmatch(text)
        if named:
            value = named[2]
            words = () if value is None else (Word(value, _end_of(span, value)),)
            name = named[1].replace("-", "_")
            arguments.append(Argument(name, words, span, closed=value is not None))
        elif arguments and arguments[-1].name and not arguments[-1].closed:
            last = arguments[-1]
            arguments[-1] = replace(last, values=(*last.values, Word(text, span)))
        else:
            arguments.append(Argument("", (Word(text, span),), span))
    return tuple(arguments)


def starts_program(word: str) -> bool:
    """Whether a word is what stands before a script and starts it, such as `torchrun`."""
    name = word.rpartition("/")[2]
    return name in WRAPPERS or name in _STARTERS or is_python(word)


def is_python(word: str) -> bool:
    """Whether a word is Python itself, by its name."""
    return bool(_PYTHON.fullmatch(word))


def starts(launch: Launch, path: str) -> bool:
    """Whether a launch may start the file at `path`: by its name, since it may lie elsewhere."""
    own = PurePosixPath(path)
    named = launch.file.split()[-1]
    if own.suffix != ".py" or named.endswith(".sh"):
        return False
    if named.endswith(".py"):
        return PurePosixPath(named).name == own.name
    names = (own.stem, own.parent.name) if own.stem == "__main__" else (own.stem,)
    return named.rpartition(".")[2].rpartition("/")[2] in names


def is_trainer(launch: Launch) -> bool:
    """Whether what is started is a program of a known package that trains, and no script."""
    program, _, word = launch.file.partition(" ")
    return word in _TRAINERS.get(program, ())


def _end_of(span: Span, value: str) -> Span:
    """The place of the value at the end of a word: quotes around it may move it by one."""
    if span.line != span.end_line:
        return span
    return replace(span, column=max(span.column, span.end_column - len(value)))


def _started(words: Sequence[Word]) -> Launch | None:
    """What a simple command starts."""
    at = _program(words)
    if at is None:
        return None
    program = words[at].text.rpartition("/")[2]
    rest = words[at + 1 :]
    if program in _TRAINERS:
        started = _trainer(program, rest)
    elif program == "tune":
        started = _recipe(rest)
    elif _PYTHON.fullmatch(program):
        started = _script(rest)
    elif program.endswith(SCRIPTS):
        started = (words[at].text, -1)
    elif program in _SHELLS:
        started = _shell_script(rest)
    else:
        started = _behind_starter(rest)
    if not started:
        return None
    file, last = started
    arguments = rest[last + 1 :]
    end = words[-1].span
    span = replace(words[at].span, end_line=end.end_line, end_column=end.end_column)
    places = tuple(word.span for word in arguments)
    launch = Launch(file, tuple(word.text for word in arguments), span, places=places)
    return replace(launch, config=_settings_of(launch))


def _program(words: Sequence[Word]) -> int | None:
    """Which of the words is the program: the first, or the one that wrappers end with."""
    for at, word in enumerate(words):
        name = word.text.rpartition("/")[2]
        if name in _STARTERS or _PYTHON.fullmatch(name):
            return at
        if name in _TRAINERS and _trainer(name, words[at + 1 :]):
            return at
        if name in _SHELLS or (name.endswith(SCRIPTS) and _is_started(words, at)):
            return at
        if at == 0 and name not in WRAPPERS:
            return None
    return None


def _is_started(words: Sequence[Word], at: int) -> bool:
    """Whether a script's name is a command, and not the beginning of a sentence or an address."""
    script = words[at].text
    options = at + 1 < len(words) and words[at + 1].text.startswith("-")
    alone = at + 1 == len(words) and "/" in script
    path = script.startswith(("./", "../", "/", "~/", "$"))
    return "://" not in script and (at > 0 or options or alone or path)


def _trainer(program: str, words: Sequence[Word]) -> tuple[str, int] | None:
    """The word by which a program of a known package trains."""
    for at, word in enumerate(words):
        if word.text in _TRAINERS[program]:
            return f"{program} {word.text}", at
    return None


def _script(words: Sequence[Word]) -> tuple[str, int] | None:
    """What `python` starts, and where in its words that stands."""
    at = 0
    while at < len(words):
        text = words[at].text
        if text == "-m" and at + 1 < len(words):
            module = words[at + 1].text
            if module not in _STARTING_MODULES:
                return module, at + 1
            behind = _behind_starter(words[at + 2 :])
            return behind and (behind[0], behind[1] + at + 2)
        if _TAKES_NEXT.fullmatch(text):
            at += 1
        elif not text.startswith("-"):
            return (text, at) if text.endswith(".py") else None
        elif text == "-" or _RUNS_OTHER.fullmatch(text):
            return None
        at += 1
    return None


def _shell_script(words: Sequence[Word]) -> tuple[str, int] | None:
    """The script that a shell is handed."""
    at = next((at for at, word in enumerate(words) if word.text[:1] not in ("-", "+")), None)
    return (words[at].text, at) if at is not None and words[at].text.endswith(".sh") else None


def _behind_starter(words: Sequence[Word]) -> tuple[str, int] | None:
    """What `accelerate launch`, `torchrun` and their like start: a script, or a module."""
    for at, word in enumerate(words):
        if word.text.endswith(".py") and not word.text.startswith("-"):
            return word.text, at
        if word.text in ("-m", "--module") and at + 1 < len(words):
            return words[at + 1].text, at + 1
    return None


def _recipe(words: Sequence[Word]) -> tuple[str, int] | None:
    """The recipe that `tune run` starts: the last word before its configuration."""
    if not words or words[0].text != "run":
        return None
    config = next((at for at, word in enumerate(words) if word.text == "--config"), len(words))
    return (words[config - 1].text, config - 1) if config > 1 else None


def _settings_of(launch: Launch) -> str:
    """The configuration that a launch names: by an option, or as a file by itself."""
    for argument in arguments_of(launch):
        for word in argument.values[:1]:
            by_itself = not argument.name and word.text.endswith(_SETTINGS)
            if argument.name in _NAMES_SETTINGS or by_itself:
                return word.text
    return ""
