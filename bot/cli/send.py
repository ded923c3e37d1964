"""`warroom send`: a test violation from options or from a file, and what became of it."""

import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.client import evaluation, verdict
from bot.client.bot import Bot
from bot.client.send import post
from bot.client.waiting import Wait
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.integrations.source import BODY_LIMIT, KIB
from bot.policies.load import Config, load
from bot.policies.people import SLACK_ID
from bot.settings import Settings, load_settings

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--url", help="Where the bot listens; WARROOM_PUBLIC_URL unless given.")
@click.option(
    "--policy",
    help="The policy that was broken; the first of policies.yaml otherwise, or none with facts.",
)
@click.option("--title", default="Test violation sent by hand", show_default=True)
@click.option("--initiator", help="An e-mail address or a Slack id; the first person otherwise.")
@click.option("--file", "body_file", type=_FILE, help="Send this body.")
@click.option(
    "--evaluation",
    "evaluations",
    type=_FILE,
    multiple=True,
    help="Add the facts of this evaluation; may be given several times.",
)
@click.option("--baseline", type=_FILE, help="An earlier evaluation: add what has dropped since.")
@click.option(
    "--min-n",
    type=click.IntRange(min=1),
    help=f"With fewer cases a group is too small; {evaluation.MIN_N} where `n` is given.",
)
@click.option(
    "--lower-is-better",
    metavar="METRIC",
    multiple=True,
    help="A metric that is better the lower it is, as a loss; may be given several times.",
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
    evaluations: tuple[Path, ...],
    baseline: Path | None,
    min_n: int | None,
    lower_is_better: tuple[str, ...],
    signer: str | None,
    wait: int | None,
    as_json: bool,
) -> None:
    """Sign a test violation and send it.

    An evaluation is a CSV with the header metric,group,value and, where they are known, n,low,high;
    JSON, a list of objects with these keys; or the JSON of Evidently. A row without a group is of
    the whole. It becomes facts:

    \b
    evaluation.METRIC.value                the whole
    evaluation.METRIC.worst, worst_group   also best, best_group
    evaluation.METRIC.ratio, difference    lowest / highest, highest - lowest
    evaluation.METRIC.drop                 since the baseline; largest_drop,
                                           largest_drop_group: of all groups
    evaluation.METRIC.groups.GROUP         value, n, low, high, drop
    evaluation.METRIC.too_small            groups with fewer cases than --min-n
    evidently.failed                       how many tests
    evidently.tests.NAME.status            FAIL or SUCCESS
    evidently.metrics.NAME                 a number, or count and share

    While a group is too small, its own figures and those of all groups are left out: they are not
    known. Without --policy a violation with an evaluation names no policy.
    """  # noqa: D301 - click's mark of lines that stand as they are
    settings = load_settings()
    facts: evaluation.Facts = {}
    if evaluations:
        judging = evaluation.Judging(min_n, lower_is_better)
        earlier = {str(baseline): _text("--baseline", baseline)} if baseline else {}
        texts = {str(path): _text("--evaluation", path) for path in evaluations}
        facts = evaluation.facts(texts, earlier, judging)
    elif baseline or min_n or lower_is_better:
        raise UsageError("--baseline, --min-n and --lower-is-better go with --evaluation FILE")
    if body_file:
        body = _text("--file", body_file)
        try:
            json.loads(body)
        except ValueError as error:
            raise UsageError(f"--file: {body_file} is not JSON: {error}") from error
    else:
        config = load(settings.warroom_config, with_built_in(extensions).sections)
        first = None if evaluations else next(iter(config.policies))
        body = _body(config, policy or first, title, initiator)
    content = (_with_facts(body, facts) if facts else body).encode()
    sys.exit(send_body(settings, url, content, wait, signer, as_json=as_json, echo=click.echo))


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
    answer = post(address, settings.webhook_secrets, body, signer)
    if wait is not None:
        waiting = Wait(Bot(address, token), wait, partial(click.echo, err=True))
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
