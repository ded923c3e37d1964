"""What `warroom send` does: a violation from its options or a file, and what became of it."""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.built_in import sections_with
from bot.client import evaluation, verdict
from bot.client.bot import Bot
from bot.client.send import post
from bot.client.waiting import Wait
from bot.errors import UsageError
from bot.integrations.source import BODY_LIMIT, KIB
from bot.policies.load import Config, load
from bot.policies.people import SLACK_ID
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.integrations.extension import Extension


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the violation is to be, as the options say it."""

    policy: str | None
    title: str
    initiator: str | None
    body_file: Path | None
    evaluations: tuple[Path, ...]
    baseline: Path | None
    judging: evaluation.Judging


def composed(settings: Settings, extensions: Sequence["Extension"], wanted: Wanted) -> bytes:
    """The violation's body. UsageError, ConfigError."""
    facts: evaluation.Facts = {}
    if wanted.evaluations:
        before = wanted.baseline
        earlier = {str(before): _text("--baseline", before)} if before else {}
        texts = {str(path): _text("--evaluation", path) for path in wanted.evaluations}
        facts = evaluation.facts(texts, earlier, wanted.judging)
    elif wanted.baseline or wanted.judging != evaluation.Judging():
        raise UsageError("--baseline, --min-n and --lower-is-better go with --evaluation FILE")
    if wanted.body_file:
        body = _text("--file", wanted.body_file)
        try:
            json.loads(body)
        except ValueError as error:
            raise UsageError(f"--file: {wanted.body_file} is not JSON: {error}") from error
    else:
        config = load(settings.warroom_config, sections_with(extensions))
        first = None if wanted.evaluations else next(iter(config.policies))
        body = _body(config, wanted.policy or first, wanted.title, wanted.initiator)
    return (_with_facts(body, facts) if facts else body).encode()


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
    address = (url or settings.public_url).rstrip("/")
    token = settings.warroom_api_token.get_secret_value()
    if wait is not None and not token:
        raise UsageError("WARROOM_API_TOKEN is not set; the gate asks for it")
    aside = partial(click.echo, err=True)
    answer = post(address, settings.webhook_secrets, body, signer, put_off=aside)
    if wait is not None:
        waiting = Wait(Bot(address, token), wait, aside)
        answer["gate"] = waiting.verdict(answer["violation_id"])
    if as_json:
        echo(json.dumps(answer, indent=2))
    else:
        for said in _stored(answer):
            echo(said)
        if wait is not None:
            echo(verdict.sentence(answer["gate"]))
            echo(verdict.where(answer["gate"]))
    return verdict.ALLOW if wait is None else verdict.code(answer["gate"])


def _stored(answer: dict[str, Any]) -> Iterator[str]:
    """What became of a violation: who is asked under which policy, or why nobody is."""
    if answer["room_id"] is None:
        yield f"violation {answer['violation_id']}: {verdict.sentence(answer)}"
        return
    yield f"violation {answer['violation_id']}, war room {answer['room_id']}"
    yield f"to be decided by {verdict.moment(answer['expires_at'])}"
    answers = answer.get("answers", ())  # an older bot gives none
    for each in answers if len(answers) > 1 else ():
        where = f"war room {each['room_id']}" if each["room_id"] else f"by {each['answer']}"
        yield f"  {each['policy']}: {each['verdict']}, {where}"


def _text(option: str, path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{option}: can't read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{option}: {path} is not UTF-8 at byte {error.start}") from error


def _with_facts(body: str, facts: evaluation.Facts) -> str:
    """The body with these facts beside its own. UsageError where that can't be sent."""
    report = json.loads(body)
    if not isinstance(report, dict) or not isinstance(own := report.get("facts", {}), dict):
        raise UsageError("--file: need an object, and an object as its facts, to add facts to")
    if both := own.keys() & facts.keys():
        raise UsageError(f"--file: has facts called {min(both)} already, and so has --evaluation")
    body = json.dumps(report | {"facts": own | facts})
    if len(body) > BODY_LIMIT:
        found, most = -(-len(body) // KIB), BODY_LIMIT // KIB
        raise UsageError(
            f"--evaluation: found {found} KiB with its facts, need {most} at most: fewer groups"
        )
    return body


def _body(config: Config, policy: str | None, title: str, initiator: str | None) -> str:
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
        **({"policy": policy} if policy else {}),
        "title": title,
        "initiator": identity,
        "subject": {"kind": "test", "name": "warroom send"},
        "dedup_key": secrets.token_hex(8),
    }
    return json.dumps(report)
