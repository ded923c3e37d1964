"""`warroom passport read` and `verify`: what a passport says, and whether it is true of its files.

Rules
- Both work without a running bot. Exit codes: 0 sound, 1 something was found, 2 what can't be read.
- `read` looks at headers and at the passport alone; `verify` reads every byte.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli import passport_files as files
from bot.domain.count import counted
from bot.errors import UsageError
from bot.passport.artifact import PASSPORT
from bot.passport.verifying import Finding, Verified, held_to, opened
from bot.settings import load_settings

FOUND = 1
_KEY = click.option(
    "--key", "keys", multiple=True, metavar="KEY", help="A public key, or its file."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_KEY
@_JSON
@click.pass_context
def read(ctx: click.Context, /, *, path: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """Say what the passport of PATH says, who has signed it, and what is missing.

    PATH is a model's file or folder, or its passport. Nothing is hashed: `verify` does that.
    """
    known = files.known_keys(load_settings(), keys)
    data, where = _papers(path)
    verified = opened(data, known)
    if verified.statement is None:
        raise UsageError(f"{where} is no passport: {verified.findings[0].what}")
    predicate = verified.statement.predicate
    if as_json:
        click.echo(json.dumps({"signedBy": _ids(verified), **predicate}, indent=2))
    else:
        _tell(predicate)
        _tell_signed(verified, known=bool(known))
    ctx.exit(FOUND if known and not verified.sound else 0)


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_KEY
@_JSON
@click.pass_context
def verify(ctx: click.Context, /, *, path: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """Check the passport of PATH: its signature by a key that is known, its end, and each byte.

    Known are the keys given, those of WARROOM_PASSPORT_KEYS, and that of WARROOM_STATEMENT_KEY.
    """
    known = files.known_keys(load_settings(), keys)
    if not known:
        raise UsageError(f"no key is known: name one with --key, or set {files.KEYS}")
    artifact = files.found(path)
    data, where = files.papers(artifact)
    verified = opened(data, known)
    findings = list(verified.findings)
    if verified.statement is not None:
        digests = files.hashed(artifact)
        findings += held_to(verified.statement, artifact, digests, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(_json(verified, findings), indent=2))
    else:
        for each in findings:
            click.echo(f"{each.kind}: {each.what}")
        size = counted(len(artifact.files), "file")
        click.echo(f"{'Not sound' if findings else 'Sound'}: {where}, {size}.")
    ctx.exit(FOUND if findings else 0)


def _papers(path: Path) -> tuple[bytes, str]:
    """The passport at a path, or of what is there."""
    if path.name.endswith(PASSPORT) and path.is_file():
        try:
            return path.read_bytes(), str(path)
        except OSError as error:
            raise UsageError(f"can't read {path}: {error.strerror}") from error
    return files.papers(files.found(path))


def _json(verified: Verified, findings: Sequence[Finding]) -> dict[str, object]:
    return {
        "sound": not findings,
        "digest": verified.statement.digest if verified.statement else None,
        "signedBy": _ids(verified),
        "findings": [{"kind": each.kind, "what": each.what} for each in findings],
    }


def _ids(verified: Verified) -> list[str]:
    return sorted(key.id for key in verified.signed_by)


def _tell_signed(verified: Verified, *, known: bool) -> None:
    if verified.signed_by:
        click.echo(f"Signed by {', '.join(each[:16] for each in _ids(verified))}.")
    elif known:
        click.echo(verified.findings[0].what)
    else:
        click.echo("Nobody is known whose signature could be checked: name a key with --key.")


def _tell(predicate: Mapping[str, Any]) -> None:
    """What it says, a line for each field, and where it was found."""
    said = predicate["from"]
    for field, value in predicate.items():
        if field in ("from", "missing", "files", "says"):
            continue
        where = f"   ({said[field]})" if field in said else ""
        click.echo(f"{field}: {_words(value)}{where}")
    count = counted(len(predicate["files"]), "file")
    click.echo(f"files: {count}, {sum(each['size'] for each in predicate['files']):,} bytes")
    if predicate["missing"]:
        click.echo(f"missing: {', '.join(predicate['missing'])}")


def _words(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(each)}" for key, each in value.items())
    return str(value)
