"""`warroom policy explain`: why a violation is answered as it is, or would be."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from bot.cli.policy_foreseen import of_file
from bot.domain.aggregate import Recorded
from bot.domain.answers import Answered
from bot.domain.configuration import CONFIGURATION, STREAM_ID, ConfigurationLoaded
from bot.domain.exception import Waived
from bot.domain.exception_life import EXCEPTION
from bot.domain.policy import DECIDERS, Role
from bot.domain.terms import Basis
from bot.engine.explanation import Explanation, in_json, recorded
from bot.errors import UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.measures.safe_text import columns, plain
from bot.policies.load import POLICIES, Config, load
from bot.policies.origins import BUILT_IN
from bot.settings import load_settings
from bot.storage.answers import own_bases
from bot.storage.opening import opened_store
from bot.storage.store import Store
from bot.yaml.problems import ConfigError
from bot.yaml.reader import read

LINE_MOST = 500  # characters


@click.command(short_help="Why a violation is answered as it is, or would be.")
@click.argument("record_id", metavar="[ID]", required=False)
@click.option(
    "--file",
    "body",
    type=click.File("rb"),
    help="A violation that might come: a body as the webhook takes it; `-`: standard input.",
)
@click.option("--now", "at", help="As if it came then, such as 2026-11-20T09:12:00Z.")
@click.option("--source", help="As if signed with the secret of this name.  [default: violations]")
@click.option(
    "--config",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The configuration's folder; WARROOM_CONFIG unless given.",
)
@click.option("--all", "every", is_flag=True, help="The values too that are written nowhere.")
@click.option("--json", "as_json", is_flag=True, help="For scripts; it has all values.")
@click.pass_obj
def explain(  # noqa: PLR0913 - its options
    extensions: Sequence[Extension],
    *,
    record_id: str | None,
    body: BinaryIO | None,
    at: str | None,
    source: str | None,
    folder: Path | None,
    every: bool,
    as_json: bool,
) -> None:
    """Say why a violation was allowed, is blocked or waits for people, and what that rests on.

    ID is a violation's or a war room's: it is told from the record. With --file nothing is
    recorded: what the policies would answer is told, or the exception in the database that covers
    it.

    Exit code 0, whatever the answer is. 1: no policy matches; the nearest is told. 2: the question
    was wrong.
    """
    now, settings = _moment(at), load_settings()
    folder = folder or settings.warroom_config
    loads: dict[int | None, str | None] = {}
    unasked = None
    if body is not None and record_id is None:
        found, unasked = of_file(body.read(), source, now, folder, settings, extensions)
    elif body is None and record_id is not None and source is None:
        try:
            sections = with_built_in(extensions).sections
            config: Config | None = load(folder, sections)
        except ConfigError:
            config = None  # the record says what it says
        with opened_store(settings.database_url) as store:
            found = _recorded(store, record_id, config, folder, now)
            loads = {each.configuration: _load(store, each.configuration) for each in found}
    else:
        raise UsageError("need the ID of a violation or war room, or --file; --source goes with it")
    if as_json:
        click.echo(json.dumps(in_json(found), indent=2, ensure_ascii=False))
    else:
        in_order = sorted(found, key=lambda each: each.gravity)
        texts = (
            "\n".join(_text(each, loads.get(each.configuration), every=every)) for each in in_order
        )
        click.echo("\n\n".join(texts))
    if unasked:
        click.echo(f"warroom: no exception was looked for: {unasked}", err=True)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    need = "need a time with its zone, such as 2026-11-20T09:12:00Z"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--now: found {text!r}, {need}") from error
    raise UsageError(f"--now: found {text!r} without a time zone, {need}")


def _recorded(
    store: Store, record_id: str, config: Config | None, folder: Path, now: datetime
) -> list[Explanation]:
    """What each policy has answered. UsageError for an id that is on no record."""
    answers = store.answers(record_id)
    if answers is None:
        room = store.room(record_id)
        if room is None:
            raise UsageError(f"there is no violation and no war room {record_id}")
        answers = (Answered(room.policy_id, room=room),)
    bases = store.ask(partial(own_bases, violation_id=record_id))
    explanations = []
    for answered in answers:
        basis, digest = _basis(store, answered, record_id, bases)
        policy = store.policy(digest)
        if policy is None:
            raise UsageError(f"what {answered.policy_id} answered only a newer version can read")
        current = config.policies.get(policy.id) if config else None
        same = current is not None and current.digest == digest
        file = read(folder / POLICIES) if same else None
        policy = current if same and current else policy
        explanations.append(recorded(answered, basis, policy, digest, file, now))
    return explanations


def _basis(
    store: Store, answered: Answered, record_id: str, bases: Mapping[str, Basis]
) -> tuple[Basis | None, str]:
    """What an answer rests on, and the digest of the policy that was asked.

    `bases` are the violation's own: its room may rest on another one's, under another load. Where
    an older version has kept none, it is the room's if the violation opened that and was always
    alone there.
    """
    room = answered.room
    if room:
        opened_it = room.opened_at == room.violation.received_at  # what was split off didn't
        alone = room.count == 1 and not room.split_off and opened_it
        of_room = room.basis if room.id == record_id or alone else None
        basis = bases.get(answered.policy_id, of_room)
        loads = _loads(store, basis.configuration if basis else None)
        asked = (each.event.policies.get(room.policy_id) for each in reversed(loads))
        return basis, next(filter(None, asked), room.policy_digest)
    if answered.clearance:
        return answered.clearance.basis, answered.clearance.rule.digest
    if answered.exception is None:
        return None, ""
    events = (each.event for each in store.stream(EXCEPTION, answered.exception.id))
    waived = (
        (event.basis, event.policy_digest)
        for event in events
        if isinstance(event, Waived) and event.violation.id == record_id
    )
    return next(waived, (None, answered.exception.policy_digest))


def _loads(store: Store, number: int | None) -> list[Recorded[ConfigurationLoaded]]:
    """All loads of the configuration up to the one with this number."""
    return [
        each
        for each in (store.stream(CONFIGURATION, STREAM_ID) if number else ())
        if isinstance(each.event, ConfigurationLoaded) and number and each.seq <= number
    ]


def _load(store: Store, number: int | None) -> str | None:
    """Which load of the configuration had this number: when it was, and who started it."""
    loads = _loads(store, number)
    if not loads:
        return None
    last = loads[-1]
    return f"{number}, loaded {last.at:%Y-%m-%d %H:%M UTC} by {last.event.started_by}"


def _text(explanation: Explanation, load_of_it: str | None, *, every: bool) -> list[str]:
    lines = [explanation.said, *explanation.doubts, "", *_facts(explanation, load_of_it)]
    if explanation.conditions:
        rows = [
            ["", each.value, each.place, each.text + (f"  -- {each.why}" if each.why else "")]
            for each in explanation.conditions
        ]
        lines += ["conditions", *columns(rows)]
    shown = [each for each in explanation.defaults if every or each.place != BUILT_IN]
    rows = [["", each.key, each.place, each.value] for each in shown]
    lines += ["values", *columns(rows)] if rows else []
    return [plain(lines[0], LINE_MOST), *lines[1:]]


def _facts(explanation: Explanation, load_of_it: str | None) -> Iterator[str]:
    policy, rule, exception = explanation.policy, explanation.rule, explanation.exception
    yield from columns(
        [
            ["policy", f"{policy.id}, {policy.place}, {explanation.digest}"],
            *([["configuration", load_of_it]] if load_of_it else []),
            ["verdict", " ".join(filter(None, (explanation.verdict, explanation.outcome)))],
            *([["band", explanation.band]] if explanation.band else []),
            *([["rule", f"{rule['id']}, {rule['file']}:{rule['line']}"]] if rule else []),
            *(
                [["exception", f"{exception['id']}, until {exception['until']}"]]
                if exception
                else []
            ),
            *([role, _people(explanation, role)] for role in DECIDERS),
        ]
    )


def _people(explanation: Explanation, role: Role) -> str:
    paged, others = explanation.paged(role), explanation.others(role)
    besides = f"; besides {', '.join(others)}" if others else ""
    return f"{', '.join(paged) or 'nobody'} is paged{besides}"
