"""Personal data stand apart from an event's bytes: what they are, how they are kept, and erased."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import AwareDatetime, BaseModel

from bot.domain.aggregate import Aggregate, Happened
from bot.domain.clearance import CLEARANCE
from bot.domain.configuration import CONFIGURATION
from bot.domain.erasure import ERASURE
from bot.domain.exception_life import EXCEPTION
from bot.domain.follow_up_lifecycle import FOLLOW_UP
from bot.domain.hold import HOLD
from bot.domain.lifecycle import WAR_ROOM
from bot.domain.personal import Named, Personal
from bot.engine.aggregates import AGGREGATES
from bot.storage.personal import SALT_BYTES, commitment
from tests.build import EVERYBODY, val
from tests.examples import (
    A_CLEARANCE,
    AN_ERASURE,
    OF_A_FOLLOW_UP,
    OF_A_HOLD,
    OF_A_ROOM,
    OF_AN_EXCEPTION,
    OF_THE_CONFIGURATION,
    kind_of,
)
from tests.storage.written import read, stored

# Every field of an event, by the class that has it, that holds text and is not marked as personal,
# with the reason. Whoever adds one marks it, or says here why it is none of a person's.
ID = "an id of our own, made by chance"
DIGEST = "the digest of a document"
THING = "names a thing: a model, a repository, a commit, a run"
POLICY = "names a policy, or its place in a file"
TEAM = "a team is no person"
OF_SLACK = "Slack's id of a thing: a channel, a user group, a message"
NOT_PERSONAL = {
    "CheckpointPosted.channel": "is a Slack channel's, from the configuration",
    "WitnessRefused.witness": "is a key's name, from the configuration",
    "WitnessRefused.why": "is the bot's own words about a witness's answer",
    "WitnessRefused.channel": "is a Slack channel's, from the configuration",
    "CheckpointSigned.note": "names the log, and holds hashes and signatures",
    "CheckpointSigned.keys": "are the log's own, by which its signatures are verified",
    "Asked.place": POLICY,
    "Asked.text": "stands in a policy's file",
    "Asked.why": "says by a path and by types why something is not known, and no value",
    "Assignment.unknown_backup_group": OF_SLACK,
    "Assignment.unknown_group": OF_SLACK,
    "AutoCleared.policy_id": POLICY,
    "Basis.band": POLICY,
    "Basis.besides": POLICY,
    "Basis.file": POLICY,
    "ChannelLost.error": "Slack's word for a failure",
    "ChannelOpened.channel": OF_SLACK,
    "Cited.digest": DIGEST,
    "Cited.file": POLICY,
    "Cited.id": POLICY,
    "Condition.text": "a policy's words",
    "ConfigurationLoaded.policies": DIGEST,
    "ConfigurationLoaded.policies[key]": POLICY,
    "ConfigurationLoaded.removed": POLICY,
    "ConfigurationLoaded.sources": DIGEST,
    "Dropped.effect": "a kind of effects",
    "Decision.policy_digest": DIGEST,
    "Decision.policy_place": POLICY,
    "Granted.allows": "made of a policy's words, and of what things are called",
    "Granted.policy_digest": DIGEST,
    "Granted.policy_id": POLICY,
    "Granted.policy_place": POLICY,
    "Granted.room_id": ID,
    "Granted.team": TEAM,
    "OfferedScope.name": "a policy's words",
    "OfferedScope.words": "a policy's words",
    "PostedMessage.channel": f"{OF_SLACK}; a private one is marked where it stands",
    "PostedMessage.ts": OF_SLACK,
    "FollowUpOwed.exception_id": ID,
    "FollowUpOwed.follow_up_id": ID,
    "FollowUpOwed.group": OF_SLACK,
    "FollowUpOwed.policy_id": POLICY,
    "FollowUpOwed.room_id": ID,
    "FollowUpOwed.team": TEAM,
    "FollowUpOwed.violation_id": ID,
    "FollowUpPassedOn.error": "Slack's word for a failure",
    "Listing.missed": ID,
    "Listing.needed": ID,
    "Opened.key": "what the reporter calls the thing that is decided on, as a digest",
    "Opened.policy_digest": DIGEST,
    "Opened.policy_id": POLICY,
    "Opened.room_id": ID,
    "Opened.team": TEAM,
    "Code.path": THING,
    "Origin.changed_files": THING,
    "Origin.commit": THING,
    "Origin.job": THING,
    "Origin.run_id": THING,
    "Origin.environment": THING,
    "Origin.repository": THING,
    "Origin.run_url": THING,
    "Origin.system": THING,
    "PeopleImported.source": "names a source of the configuration",
    "PersonListed.team": TEAM,
    "Reassigned.error": "Slack's word for a failure",
    "Reassigned.group": OF_SLACK,
    "Report.callback_url": "the address of a pipeline",
    "Report.dedup_key": "what the reporter calls the thing that is decided on",
    "Report.policy": POLICY,
    "Report.team": TEAM,
    "Split.to": ID,
    "Split.violations": ID,
    "Subject.digest": THING,
    "Subject.kind": THING,
    "Subject.name": THING,
    "Subject.url": THING,
    "Subject.version": THING,
    "Erased.erasure_id": ID,
    "HoldPlaced.hold_id": ID,
    "HoldPlaced.room_id": ID,
    "Explanation.room": ID,
    "PullRequest.commits": THING,
    "PullRequest.name": THING,
    "Success.commit": THING,
    "Success.repository": THING,
    "Success.check": "what a check is called",
    "Success.key": "what the reporter calls the thing that is decided on",
    "Success.run_url": THING,
    "Told.of": "a kind of events",
    "TeamRecorded.team": "Slack's id of a workspace, which is no person",
    "Unreachable.error": "Slack's word for a failure",
    "Waived.policy_digest": DIGEST,
    "UserGroup.error": "Slack's word for a failure",
    "UserGroup.id": OF_SLACK,
    "Violation.id": ID,
    "Violation.source": "names a source of the configuration",
    "Violation.signed_by": "names a secret of the configuration",
}
ERASABLE = re.compile("personal")  # so all that is personal in an example is called


def texts(model: type[BaseModel]) -> Iterator[str]:
    """Each unmarked field that holds text, in a class or in what it is made of."""
    for name, field in model.model_fields.items():
        yield from _texts(field.annotation, tuple(field.metadata), f"{model.__name__}.{name}")


def _texts(annotation: Any, marks: tuple[Any, ...], path: str) -> Iterator[str]:  # noqa: ANN401
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _texts(arguments[0], (*marks, *arguments[1:]), path)
    elif any(isinstance(mark, Named | Personal) for mark in marks) or origin is Literal:
        return
    elif origin is dict:
        yield from _texts(arguments[0], (), f"{path}[key]")
        yield from _texts(arguments[1], (), path)
    elif origin in (tuple, list, Union, UnionType):
        for argument in arguments:
            if argument not in (Ellipsis, NoneType):
                yield from _texts(argument, (), path)
    elif annotation is not AwareDatetime and issubclass(annotation, BaseModel):
        yield from texts(annotation)
    elif annotation is not AwareDatetime and not issubclass(
        annotation, Enum | bool | int | timedelta
    ):
        yield path  # text, or an address, or anything


def test_every_text_in_an_event_is_marked_as_personal_or_listed_here_with_the_reason() -> None:
    found = {
        text for aggregate in AGGREGATES for event in aggregate.events for text in texts(event)
    }
    assert found == NOT_PERSONAL.keys()


UNKNOWN = {"note": "Personal note", "proxy": val.name, "seen": {val.name: ["personal", None]}}


def of_a_newer_version(value: Any) -> Any:  # noqa: ANN401 - an event, or a part of one
    """A value of which every object has fields that this version doesn't know."""
    if isinstance(value, BaseModel):
        parts = {
            name: of_a_newer_version(getattr(value, name)) for name in type(value).model_fields
        }
        return value.model_copy(update={**parts, **UNKNOWN})
    if isinstance(value, tuple):
        return tuple(of_a_newer_version(part) for part in value)
    return value


KNOWN = [
    *((WAR_ROOM, event) for event in OF_A_ROOM),
    *((CONFIGURATION, event) for event in OF_THE_CONFIGURATION),
    (CLEARANCE, A_CLEARANCE),
    *((FOLLOW_UP, event) for event in OF_A_FOLLOW_UP),
    *((EXCEPTION, event) for event in OF_AN_EXCEPTION),
    (ERASURE, AN_ERASURE),
    *((HOLD, event) for event in OF_A_HOLD),
]
EXAMPLES = [
    *(pytest.param(*example, id=kind_of(example[1])) for example in KNOWN),
    *(
        pytest.param(aggregate, of_a_newer_version(event), id=f"newer {kind_of(event)}")
        for aggregate, event in KNOWN
    ),
]


def _at(content: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    for part in path.split("."):
        content = content[int(part) if isinstance(content, list) else part]
    return content


each_event = pytest.mark.parametrize(("aggregate", "event"), EXAMPLES)


@each_event
def test_in_an_events_bytes_there_is_nobody_and_nothing_of_anybodys(
    aggregate: Aggregate[Any, Any, Any], event: Happened
) -> None:
    row = stored(aggregate, event)
    assert row.actor == "p2"
    assert not ERASABLE.search(row.payload.lower())
    for person in EVERYBODY:
        assert f'"{person.name}"' not in row.payload
        for account in person.accounts:
            assert account not in row.payload
    assert read(aggregate, row).event == event
    assert read(aggregate, row).met == EVERYBODY


@each_event
def test_the_bytes_hold_a_salted_commitment_to_each_value_apart(
    aggregate: Aggregate[Any, Any, Any], event: Happened
) -> None:
    row = stored(aggregate, event)
    payload, apart = json.loads(row.payload), json.loads(row.personal)
    assert len({salt for salt, _ in apart.values()}) == len(apart)
    for path, (salt, value) in apart.items():
        assert len(bytes.fromhex(salt)) == SALT_BYTES
        assert _at(payload, path) == commitment(salt, value)
        assert _at(payload, path) != commitment("00" * SALT_BYTES, value)
    again = json.loads(stored(aggregate, event).payload)
    assert all(_at(again, path) != _at(payload, path) for path in apart)


@each_event
def test_an_event_is_read_when_all_that_is_personal_in_it_is_erased(
    aggregate: Aggregate[Any, Any, Any], event: Happened
) -> None:
    row = stored(aggregate, event)
    kept = row.payload
    row.personal = None
    erased = read(aggregate, row)
    assert type(erased.event) is type(event)
    assert (erased.actor, erased.account) == ("p2", None)
    assert [person.name for person in erased.met] == [f"p{n + 1}" for n in range(len(EVERYBODY))]
    assert not ERASABLE.search(erased.event.model_dump_json().lower())
    assert not UNKNOWN.keys() & (erased.event.model_extra or {}).keys()
    assert row.payload == kept


@each_event
def test_one_value_is_erased_alone_and_the_others_still_fit(
    aggregate: Aggregate[Any, Any, Any], event: Happened
) -> None:
    row = stored(aggregate, event)
    payload, apart = json.loads(row.payload), json.loads(row.personal)
    for gone in apart:
        left = {path: value for path, value in apart.items() if path != gone}
        row.personal = json.dumps(left)
        assert type(read(aggregate, row).event) is type(event)
        assert all(_at(payload, path) == commitment(*value) for path, value in left.items())
