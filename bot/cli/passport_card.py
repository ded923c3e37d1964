"""`warroom passport card`: the model card of a passport, in Markdown.

Rules
- In a folder it is README.md, which is one of the folder's files: write it before the passport is
  made for good. Of a file it lies beside it.
- --check writes nothing and ends with 1 where the card isn't what it would be.
"""

from pathlib import Path

import click

from bot.check.output.whole_file import write
from bot.cli import passport_files as files
from bot.errors import UsageError
from bot.passport.artifact import Artifact
from bot.passport.card import MarksError
from bot.passport.card import card as written
from bot.passport.verifying import opened

STALE = 1


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="The card; README.md of a folder, or PATH.md of a file, unless given.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing: 1 where the card is stale.")
@click.pass_context
def card(ctx: click.Context, /, *, path: Path, out: Path | None, check: bool) -> None:
    """Write the model card of PATH from its passport: front matter, and what is between its marks.

    Whatever else stands in the card stays as it is.
    """
    artifact = files.found(path)
    data, where = files.papers(artifact)
    verified = opened(data, [])
    if verified.statement is None:
        raise UsageError(f"{where} is no passport: {verified.findings[0].what}")
    file = out or _beside(artifact)
    before = _read(file)
    try:
        after = written(before, verified.statement.predicate)
    except MarksError as error:
        raise UsageError(f"{file}: {error}") from error
    if check:
        stale = before != after
        click.echo(f"{file} is {'stale: write it anew' if stale else 'as it is to be'}.")
        ctx.exit(STALE if stale else 0)
    write(file, after)
    click.echo(f"Wrote {file}.")


def _beside(artifact: Artifact) -> Path:
    if artifact.path.is_dir():
        return artifact.path / "README.md"
    return artifact.path.with_name(f"{artifact.path.name}.md")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"can't read {file}: {error}") from error
