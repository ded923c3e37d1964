"""What a file uses: data sets, models and exports, each with where it stands and how it is known.

Rules
- What is read from a file is never run or imported.
- A name that can't be known from here is a use too, without a name: `How.UNKNOWN`.
- Lines and columns are counted from 1; an end is the column behind the last character.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is used."""

    DATASET = "dataset"
    MODEL = "model"
    EXPORT = "export"


class How(StrEnum):
    """From where a name is known."""

    LITERAL = "literal"  # it stands in the call
    CONSTANT = "constant"  # it stands in an assignment
    DEFAULT = "default"  # of an argument, a field or a parameter
    CONFIG = "config"  # in a file of settings
    LAUNCH = "launch"  # in a command that starts the file: an example, it settles nothing
    UNKNOWN = "unknown"  # it can't be known from here


class Flag(StrEnum):
    """What is to be known about a use besides."""

    BRANCH = "branch"  # stands in one of several branches
    CONDITIONAL = "conditional"  # done only where a setting says so
    DERIVED = "derived"  # made of names that are known
    OPTIONAL = "optional"  # named, but perhaps not used


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a file's text."""

    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """A data set, a model or an export in one file.

    `name` is the data set's, the model's, or the export's target; None where it is unknown. `call`
    says by what it is known: a call's dotted name, a key, an option. `within` is `file:line`, where
    the name stands in another file. `role` is empty for data to train on and for a base model.
    """

    kind: Kind
    name: str | None
    how: How
    span: Span
    call: str
    role: str = ""
    export: str = ""  # of an export: hub, file, registry or storage
    within: str = ""
    flags: frozenset[Flag] = frozenset()


def first_of_each(uses: Iterable[Use]) -> Iterator[Use]:
    """The first of those that name the same in the same role, and are known in the same way.

    Of what is unknown, the first of each role; of unknown targets, of each that is called alike.
    """
    told: set[tuple[object, ...]] = set()
    for use in uses:
        target = use.call if use.name is None and use.kind is Kind.EXPORT else ""
        what = (use.kind, use.name, use.how, use.role, use.export, target)
        if what not in told:
            told.add(what)
            yield use


@dataclass(frozen=True, slots=True)
class Option:
    """What a file takes from its command line, and what it uses that for.

    `name` is as it is written there (`--dataset_name`); one without dashes stands at `position`
    among those without. One option that is used for two things is told twice. With `needs` it is
    used only where that option is given as well.
    """

    name: str
    kind: Kind
    span: Span
    aliases: tuple[str, ...] = ()
    role: str = ""
    export: str = ""
    position: int = -1
    needs: str = ""
    flags: frozenset[Flag] = frozenset()


@dataclass(frozen=True, slots=True)
class Launch:
    """A command that starts a file: which, with what arguments, and where it stands."""

    file: str  # as it is written: examples/train.py, a recipe's name, a module behind -m
    arguments: tuple[str, ...]
    span: Span
    config: str = ""  # the configuration that the command names, where it names one
    places: tuple[Span, ...] = ()  # of each argument, in the same order


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file could not be read as what it is, and where that was seen.

    `mend` is what else than the file may be mended.
    """

    why: str
    span: Span
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The text of a declaration inside of another file: `guardrails:` and what belongs to it.

    `text` keeps its place: it is preceded by as many empty lines and its lines by as many blanks
    as the file has before it, so that a place in it is a place in the file.
    """

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class FileReading:
    """What one file says and does, as far as can be known without running it.

    `path` is relative to the folder that is checked, with `/`. `launches` are the commands in it
    that start other files; those that start this one are among its uses already.
    """

    path: str
    trains: bool
    uses: tuple[Use, ...] = ()
    blocks: tuple[Block, ...] = ()
    launches: tuple[Launch, ...] = ()
    unreadable: Unreadable | None = None
    ignored: tuple[Span, ...] = ()  # comments that try to suppress a finding
    nearly: Span | None = None  # what a block begins like, but for a slip
    skipped: str = ""  # why it was not read at all
    hands_on: bool = False  # what it starts lies in the same tree, and is given what it says
    options: tuple[Option, ...] = ()
