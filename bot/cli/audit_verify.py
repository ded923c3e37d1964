"""`warroom audit verify`: an export checked offline, without a database or a configuration.

Rules
- Exit codes: 0 sound, 1 something was found, 2 a file, key or checkpoint that can't be read.
- Each finding is named with the line of the export and its kind, on standard output.
- Where no key was given it says that only the file's own was used: that shows nobody's hand.
- Witnesses can be wanted only where a key of theirs is given.
- How far it is shows on standard error, on a terminal alone.
"""

import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.cores import cores
from bot.domain.count import counted
from bot.errors import UsageError
from bot.evidence.checkpoints import Checkpoint
from bot.evidence.errors import EvidenceError, ExaminationEndedError
from bot.evidence.examining_apart import SELDOM
from bot.evidence.export import read, uncompressed
from bot.evidence.findings import Result
from bot.evidence.keys import KeyType, VerifierKey
from bot.evidence.lines import base64_of
from bot.evidence.notes import Note, notes_in
from bot.evidence.proof_files import HEADER
from bot.evidence.verifying import verify as verified

FOUND = 1
OWN_KEYS = "Only the file's own key was used: name one that you have with --key."


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, metavar="VKEY", help="A key that you have.")
@click.option(
    "--since",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A checkpoint that you kept, or several one behind the other.",
)
@click.option(
    "--witnesses",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="How many witnesses, by keys given, have to have cosigned a checkpoint.",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was found as JSON.")
@click.pass_context
def verify(
    context: click.Context,
    *,
    file: Path,
    keys: Sequence[str],
    since: Sequence[Path],
    witnesses: int,
    as_json: bool,
) -> None:
    """Check an export offline: bytes, signatures, values, and every rule that was to be kept."""
    known = list(map(_key, keys))
    if witnesses and not any(key.type is KeyType.COSIGNATURE for key in known):
        raise UsageError("--witnesses: name with --key the keys of the witnesses that you trust")
    result = _result(file, known, [each for file_ in since for each in _kept(file_)], witnesses)
    if as_json:
        click.echo(json.dumps(_json(result), indent=2))
    else:
        _tell(result)
    if result.own_keys:
        click.echo(OWN_KEYS, err=True)
    context.exit(0 if result.sound else FOUND)


def _result(
    file: Path, keys: Sequence[VerifierKey], since: Sequence[bytes], witnesses: int
) -> Result:
    try:
        with (
            file.open("rb") as source,
            click.progressbar(
                length=1,
                label="Leaves",
                file=sys.stderr,
                show_pos=True,
                hidden=not sys.stderr.isatty(),
            ) as bar,
        ):

            def tell(done: int, total: int) -> None:
                bar.length = max(total, done)
                bar.update(done - bar.pos)

            if source.peek(len(HEADER)).startswith(HEADER.encode()):
                raise UsageError(f"{file} is a proof of one event: docs/verify.py checks it")
            # Nothing that is read refers to itself: looking for that took a tenth of the time.
            gc.set_threshold(SELDOM)
            return verified(
                read(uncompressed(source)),
                keys=keys,
                since=since,
                witnesses=witnesses,
                tell=tell,
                processes=cores(),
            )
    except ExaminationEndedError as error:
        raise UsageError(f"{error}; nothing is said of {file}") from error
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from error


def _key(written: str) -> VerifierKey:
    try:
        return VerifierKey.read(written)
    except EvidenceError as error:
        raise UsageError(f"--key: {error}") from error


def _kept(file: Path) -> list[bytes]:
    """The checkpoints in a file."""
    try:
        notes = notes_in(file.read_bytes())
        for each in notes:
            Checkpoint.read(Note.read(each).text)
    except OSError as error:
        raise UsageError(f"--since: can't read {file}: {error.strerror}") from error
    except EvidenceError as error:
        raise UsageError(f"--since: {file}: {error}") from error
    return notes


def _tell(result: Result) -> None:
    for each in result.findings:
        click.echo(f"line {each.position}: {each.kind}: {each.what}")
    if result.count > len(result.findings):
        click.echo(f"and {result.count - len(result.findings):,} more")
    for at, count in result.erased:
        click.echo(f"Values of {counted(count, 'event')} erased on {at}.")
    if result.cosigned_by:
        whose = ", by keys that only the file names" if result.own_witnesses else ""
        until = f"The first {counted(result.cosigned, 'event')} of {result.size:,}"
        click.echo(f"{until}: cosigned by {', '.join(result.cosigned_by)}{whose}.")
    what = f"{counted(result.size, 'event')}, root {base64_of(result.root)}"
    click.echo(f"Sound: {what}." if result.sound else f"Not sound: {what}.")


def _json(result: Result) -> dict[str, object]:
    return {
        "sound": result.sound,
        "size": result.size,
        "root": base64_of(result.root),
        "own_keys": result.own_keys,
        "erased": dict(result.erased),
        "cosigned": {"size": result.cosigned, "by": list(result.cosigned_by)},
        "findings": [
            {"position": each.position, "kind": each.kind, "what": each.what}
            for each in result.findings
        ],
    }
