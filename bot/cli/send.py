"""`warroom send`: a test violation from options or from a file, and what became of it."""

import json
import re
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bot.client import gate
from bot.client.send import post
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.policies.load import Config, load
from bot.policies.people import SLACK_ID
from bot.settings import Settings, load_settings


@click.command()
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option("--policy", help="The policy that was broken; the first of policies.yaml otherwise.")
@click.option("--title", default="Test violation sent by hand", show_default=True)
@click.option("--initiator", help="An e-mail address or a Slack id; the first person otherwise.")
@click.option(
    "--file", "body_file", type=click.Path(dir_okay=False, path_type=Path), help="Send this body."
)
@click.option("--secret-name", "signer", help="Sign with the secret of this name, not the first.")
@click.option("--wait", type=click.IntRange(0, 86400), help="Seconds to wait for the verdict.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it came.")
@click.pass_obj
def send(  # noqa: PLR0913 - its options
    extensions: Sequence[Extension],
    *,
    url: str | None,
    policy: str | None,
    title: str,
    initiator: str | None,
    body_file: Path | None,
    signer: str | None,
    wait: int | None,
    as_json: bool,
) -> None:
    """Sign a test violation and send it."""
    settings = load_settings()
    if body_file:
        try:
            body = body_file.read_bytes()
            json.loads(body)
        except OSError as error:
            raise UsageError(f"--file: can't read {body_file}: {error.strerror}") from error
        except ValueError as error:
            raise UsageError(f"--file: {body_file} is not JSON: {error}") from error
    else:
        config = load(settings.warroom_config, with_built_in(extensions).sections)
        body = _body(config, policy, title, initiator)
    sys.exit(send_body(settings, url, body, wait, signer, as_json=as_json, echo=click.echo))


def send_body(
    settings: Settings,
    url: str | None,
    body: bytes,
    wait: int | None,
    signer: str | None = None,
    *,
    as_json: bool,
    echo: Callable[[str], None],
) -> int:
    """Send it, print what became of it, and give the exit code. UsageError, UnreachableError."""
    answer = post(settings, url, body, signer)
    if wait is not None:
        answer["gate"] = gate.verdict(settings, answer["violation_id"], url, wait)
    if as_json:
        echo(json.dumps(answer, indent=2))
    else:
        echo(f"violation {answer['violation_id']}, war room {answer['room_id']}")
        echo(f"to be decided by {gate.moment(answer['expires_at'])}")
        if wait is not None:
            echo(gate.sentence(answer["gate"]))
    blocked = wait is not None and answer["gate"]["verdict"] != "allow"
    return gate.BLOCK if blocked else gate.ALLOW


def _body(config: Config, policy: str | None, title: str, initiator: str | None) -> bytes:
    people = config.people.people
    who = initiator or next(iter(people))
    if who in people:
        who = people[who].slack or who
    if re.fullmatch(SLACK_ID, who):
        identity = {"slack": who}
    elif "@" in who.strip("@"):
        identity = {"email": who}
    else:
        need = f"an e-mail address, a Slack id (U…) or one of {', '.join(people)}"
        raise UsageError(f"--initiator: found {who!r}, need {need}")
    report = {
        "policy": policy or next(iter(config.policies)),
        "title": title,
        "initiator": identity,
        "subject": {"kind": "test", "name": "warroom send"},
        "dedup_key": secrets.token_hex(8),
    }
    return json.dumps(report).encode()
