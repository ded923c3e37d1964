"""A text as the simple commands in it, the way a shell would take it, but for what it runs.

Rules
- A command begins where a line does, or behind `;`, `&&`, `|`, a bracket, a back tick or a word
  that ends with a colon: in a script and in a docstring alike, with or without a fence.
- A backslash at a line's end continues it. What stands behind a `#` is no command.
- A variable that the text itself sets is put in; any other stays as it is written, and is open.
- Only lines are looked at that hold what is wanted, or set a variable; none that is longer than
  any command that a person writes.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.check.uses import Span

_TOKEN = re.compile(
    r"""(?P<blank>(?:[ \t\r\f\v]+|\\\r?\n)+)
    |(?P<end>\n|&&|\|\||[;&|()`])
    |(?P<several>[A-Za-z_]\w{0,60}\+?=\([^()]{0,2000}\))
    |(?P<apostrophe>(?<=[A-Za-z])'(?=[a-z]{1,2}\s))
    |(?P<single>'[^'\\\n]*(?:\\.[^'\\\n]*)*')
    |(?P<double>"[^"\\\n]*(?:\\.[^"\\\n]*)*")
    |(?P<expression>\$\{\{[^\n}]{0,200}\}\})
    |(?P<variable>\$\{[^}\n]{0,200}\}|\$)
    |(?P<escaped>\\[^\r\n])
    |(?P<bare>[^\s;&|()`'"\\$]+)
    |(?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)
_SETTING = re.compile(r"\s*(?:(?:export|declare|local|readonly)\s[^=\n]*)?[A-Za-z_]\w*\+?=")
_UNCLOSED = re.compile(r"[^#\n]*\w\+?=\([^)]*")
_MAX_LINE = 20_000
_VARIABLE = re.compile(
    r"\$(?:\{(\w+)(?:\[@\])?(?::?[-=]([^}]{0,200}))?\}|\{\{ *env\.(\w+) *\}\}|(\w+))"
)
# Of what a variable holds, and of a word that it is put into; more is left as it is written.
_MAX_VALUE = 2_000
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=(?:\((.*)\)|(.*))", re.DOTALL)
_SETS = frozenset(("export", "declare", "local", "readonly"))
_REDIRECTION = re.compile(r"\d*(?:>>?|<<?<?-?)(?![^<>]*>$)(?P<to>.*)", re.DOTALL)
_OPEN = re.compile(r"\$[\w{(@*]|<[^<>]+>|\{\{|^(?:\.\.\.|…)$")
# Prompts, marks of a list, and what a shell's own words stand before a command.
_BEFORE = frozenset(("$", "%", "-", "*", "then", "do", "else", "{", "if", "while", "exec", "!"))
# What stands before a program and starts it; its own options are passed over.
WRAPPERS = frozenset(
    (
        *("apptainer", "bsub", "conda", "docker", "env", "hatch", "horovodrun", "ibrun", "kubectl"),
        *("mamba", "micromamba", "mpiexec", "mpirun", "nice", "nohup", "nsys", "numactl", "pdm"),
        *("pipenv", "pixi", "podman", "poetry", "rye", "sbatch", "singularity", "srun", "stdbuf"),
        *("sudo", "taskset", "time", "timeout", "uv", "xargs", "xvfb-run"),
    )
)
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "eval", "ssh"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command as a shell would hand it on, and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Written:
    """A word as it is written: its pieces, each with the kind of its quotes."""

    pieces: tuple[tuple[str, str], ...]
    span: Span

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.pieces)


def is_open(value: str) -> bool:
    """Whether a word holds a variable, or a place to be filled in, and so is no name."""
    return bool(_OPEN.search(value))


def commands_in(
    text: str,
    wanted: re.Pattern[str],
    line: int = 1,
    column: int = 1,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[Word, ...]]:
    """The simple commands in the lines of `text` that hold what is `wanted`.

    The text begins at that line and column, with these variables set. Commands come without
    prompts, without the variables set before them, and without redirections. The text that a shell
    is handed as one word is read in its place.
    """
    known = dict(variables)
    for whole, at, start in logical_lines(text, line, column):
        if len(whole) > _MAX_LINE or not (wanted.search(whole) or _SETTING.match(whole)):
            continue
        for written in _written(whole, at, start):
            words = list(_handed_on(written, known))
            while words and (words[0].text in _BEFORE or _ASSIGNMENT.fullmatch(words[0].text)):
                del words[0]
            if not words or words[0].text in _SETS:
                for word in written:
                    _assign(word, known)
            elif inner := _inner(words):
                place = inner.span
                yield from commands_in(inner.text, wanted, place.line, place.column + 1, known)
            else:
                yield tuple(words)


def logical_lines(text: str, line: int = 1, column: int = 1) -> Iterator[tuple[str, int, int]]:
    """The lines with those that continue them, each with the line and column it begins at."""
    parts: list[str] = []
    unclosed = False
    for number, part in enumerate(text.split("\n"), start=line):
        parts.append(part)
        unclosed = (unclosed and ")" not in part) or bool(_UNCLOSED.fullmatch(part))
        if unclosed or part.endswith(("\\", "\\\r")):
            continue
        first = number + 1 - len(parts)
        yield "\n".join(parts), first, column if first == line else 1
        parts = []
    if parts:
        first = line + text.count("\n") + 1 - len(parts)
        yield "\n".join(parts), first, column if first == line else 1


def _written(text: str, line: int, column: int) -> Iterator[list[_Written]]:
    """The words of each simple command."""
    ends = [match.end() for match in re.finditer("\n", text)]

    def mark(offset: int) -> tuple[int, int]:
        row = bisect_right(ends, offset)
        return line + row, offset - ends[row - 1] + 1 if row else offset + column

    words: list[_Written] = []
    pieces: list[tuple[str, str]] = []
    start = 0
    comment = False
    for piece in _TOKEN.finditer(text):
        kind = str(piece.lastgroup)
        if kind not in ("blank", "end"):
            start = start if pieces else piece.start()
            pieces.append((kind, piece[0]))
            continue
        ends_command = kind == "end"
        if pieces:
            word = _Written(tuple(pieces), Span(*mark(start), *mark(piece.start())))
            pieces = []
            comment |= word.text.startswith("#") or (not words and word.text in (">>>", "..."))
            words += () if comment else (word,)
            ends_command |= word.text.endswith(":")
        if ends_command:
            yield words
            words = []
            comment = comment and piece[0] != "\n"
    if pieces and not comment:
        words.append(_Written(tuple(pieces), Span(*mark(start), *mark(len(text)))))
    yield words


def _handed_on(words: Sequence[_Written], variables: dict[str, str]) -> Iterator[Word]:
    """The words as a program gets them: a variable that holds several words gives several."""
    target = False
    for word in words:
        text = word.text
        redirection = _REDIRECTION.fullmatch(text)
        if not redirection and not target:
            plain = _plain(word, variables)
            several = plain != text and (text[0] == "$" or text.endswith('[@]}"'))
            for each in plain.split() if several else (plain,):
                yield Word(each, word.span)
        target = redirection is not None and not redirection["to"]


def _assign(word: _Written, variables: dict[str, str]) -> None:
    match = _ASSIGNMENT.fullmatch(_plain(word, variables))
    if not match:
        return
    name, adds, several, one = match.groups()
    value = one if several is None else " ".join(re.sub(r"""(?m)#.*$|['"]""", "", several).split())
    if adds:
        value = f"{variables.get(name, '')}{'' if several is None else ' '}{value}"
    if len(value) <= _MAX_VALUE:
        variables[name] = value


def _plain(word: _Written, variables: dict[str, str]) -> str:
    """A word without its quotes, and with the variables that are set."""

    def put_in(match: re.Match[str]) -> str:
        default = match[2] if match[2] is not None else match[0]
        return variables.get(match[1] or match[3] or match[4], default)

    plain: list[str] = []
    for kind, text in word.pieces:
        if kind in ("single", "double"):
            plain.append(text[1:-1].replace("\\\n", ""))
        elif kind == "escaped":
            plain.append(text[1:])
        elif kind != "stray" or text not in "'\"":
            plain.append(text)
    whole = "".join(plain)
    literal = all(kind == "single" for kind, _ in word.pieces)
    if literal or "$" not in whole or len(whole) > _MAX_VALUE:
        return whole
    longer = _VARIABLE.sub(put_in, whole)
    return longer if len(longer) <= _MAX_VALUE else whole


def _inner(words: Sequence[Word]) -> Word | None:
    """The text that a shell is handed as one word."""
    shell = next((at for at, word in enumerate(words) if _name(word) in _SHELLS), None)
    if shell is None or (shell and _name(words[0]) not in WRAPPERS):
        return None
    return next((word for word in words[shell + 1 :] if " " in word.text.strip()), None)


def _name(word: Word) -> str:
    return word.text.rpartition("/")[2]
