"""`warroom passport make`: the passport of a file or a folder, from what is there.

Rules
- What was found nowhere is listed, and ends with 0. With --require what a class needs and wasn't
  found ends with 1, and nothing is written.
"""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import click

from bot.check.output.whole_file import write
from bot.cli import passport_files as files
from bot.cli import passport_sources as sources
from bot.cli.passport_decisions import decided, verifier_keys
from bot.cli.passport_required import required
from bot.errors import UsageError
from bot.passport import slot
from bot.passport.envelope import Envelope
from bot.passport.making import Said, moment, statement
from bot.passport.predicate import REACH
from bot.passport.statement import PassportError, Statement
from bot.settings import load_settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LACKS = 1


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--guardrails", type=_FILE, help="Training code, or a guardrails.yaml, that declares."
)
@click.option("--card", type=_FILE, help="A model card; README.md of a folder unless given.")
@click.option(
    "--evaluation", "evaluations", type=_FILE, multiple=True, help="Figures, as `send` takes them."
)
@click.option(
    "--decision", "decisions", type=_FILE, multiple=True,
    help="A proof of what allows it, by `warroom audit prove`.",
)  # fmt: skip
@click.option("--log-key", "log_keys", multiple=True, metavar="VKEY", help="The log's, for these.")
@click.option("--name", help="What the model is called.")
@click.option("--model-version", help="Which version of it this is.")
@click.option("--licence", "--license", help="Under which licence it is passed on.")
@click.option("--owner", help="Who answers for it.")
@click.option("--team", help="Whose it is.")
@click.option("--risk-class", help="How grave its risk is, in the policies' words.")
@click.option("--limit", "limits", multiple=True, help="What it isn't fit for.")
@click.option(
    "--destination", "destinations", type=click.Choice(REACH), multiple=True,
    help="How far it may go.",
)  # fmt: skip
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the passport.")
@click.option("--require", type=_FILE, help="What a class needs, such as config/passport.yaml.")
@click.option("--embed", is_flag=True, help="Put it into the safetensors file, too.")
@click.pass_context
def make(  # noqa: PLR0913 - its options
    ctx: click.Context,
    /,
    *,
    path: Path,
    guardrails: Path | None,
    card: Path | None,
    evaluations: tuple[Path, ...],
    decisions: tuple[Path, ...],
    log_keys: tuple[str, ...],
    require: Path | None,
    embed: bool,
    **options: Any,  # noqa: ANN401 - fields of the predicate
) -> None:
    """Write the passport of PATH, a file or a folder, beside it: PATH.passport.json.

    It says only what was found, and where: by an option, in a declaration, a model card, an
    evaluation, the files' headers, the CI. What is missing is listed. WARROOM_STATEMENT_KEY signs.
    """
    settings = load_settings()
    key = files.signing_key(settings)
    artifact = files.found(path)
    if embed and [header.format for header in artifact.headers.values()] != ["safetensors"]:
        raise UsageError(f"--embed: {path} is no single safetensors file")
    given = [_of_options(options)]
    given += [sources.declared(guardrails)] if guardrails else []
    if card is None and (beside := path / "README.md").is_file():
        card = beside
    given += [sources.evaluated(evaluations)]
    if decisions:
        given += [decided(decisions, verifier_keys(settings, log_keys))]
    given += [sources.carded(card)] if card else []
    given += [sources.running()]
    digests = files.hashed(artifact)
    known = list(sources.catalogued(given))
    made = statement(artifact, digests, files.sizes(artifact), known, datetime.now(UTC))
    lacks = required(require, made.predicate) if require else []
    for fault in artifact.faults:
        click.echo(f"warroom: {fault}", err=True)
    if lacks:
        words = ", ".join(lacks)
        click.echo(
            f"warroom: {require} needs what is missing: {words}. Nothing is written.", err=True
        )
        ctx.exit(LACKS)
    text = _signed(made, key)
    write(artifact.papers, f"{text}\n")
    if embed:
        try:
            slot.put_in(artifact.path, text)
        except slot.SlotError as error:
            raise UsageError(f"--embed: {error}") from error
    missing = made.predicate["missing"]
    click.echo(f"Wrote {artifact.papers}, signed by {key.verifier.id[:16]}.")
    click.echo(f"Missing: {', '.join(missing)}." if missing else "Nothing is missing.")


def _of_options(options: dict[str, Any]) -> dict[str, Said]:
    until = options.pop("until")
    fields = {"model_version": "version", "risk_class": "riskClass"}
    said = {
        fields.get(name, name): Said(
            list(value) if isinstance(value, tuple) else value, _flag(name)
        )
        for name, value in options.items()
        if value
    }
    if until:
        end = datetime.combine(until.date(), time.max, UTC)
        said["until"] = Said(moment(end), "--until")
    return said


def _flag(name: str) -> str:
    plural = {"limits": "limit", "destinations": "destination"}
    return f"--{plural.get(name, name).replace('_', '-')}"


def _signed(made: Statement, key: Any) -> str:  # noqa: ANN401 - a private key
    try:
        return Envelope.signed(made.payload, [key]).text
    except PassportError as error:
        raise UsageError(f"what was found can't be put into a passport: {error}") from error
