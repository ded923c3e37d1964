"""`warroom send` as a pipeline runs it: which facts it adds, and which secret it signs with."""

import asyncio
import json
import re
import shlex
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.signatures import Secret, verify
from tests.client.conftest import Receiver, Warroom
from tests.staging.environment import ROOT
from tests.staging.pipeline import POLICY, body
from tests.staging.stage import Stage

PAGE = (ROOT / "docs" / "evaluations.md").read_text(encoding="utf-8")
SMALL = "metric,group,value\nrecall,a,0.5\nrecall,b,0.4\n"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_page_s_evaluation_becomes_the_page_s_facts(
    warroom: Warroom, receiver: Receiver
) -> None:
    files = re.findall(r"^`(\w+\.csv)`.*?\n\n```csv\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(files) == 2
    for name, text in files:
        Path(name).write_text(text)
    Path("violation.json").write_bytes(body())
    (command,) = _blocks("sh")
    words = shlex.split(command)
    assert words[0] == "warroom"
    done = warroom(*words[1:])
    assert done.exit_code == 0, done.output
    own = json.loads(body())
    expected = own | {"facts": own["facts"] | json.loads(_blocks("json")[0])}
    assert json.loads(receiver.bodies[0]) == expected


def test_the_page_s_snapshot_becomes_the_page_s_facts(warroom: Warroom, receiver: Receiver) -> None:
    _, snapshot, expected = _blocks("json")
    Path("snapshot.json").write_text(snapshot)
    assert warroom("send", "--evaluation", "snapshot.json").exit_code == 0
    assert receiver.facts == json.loads(expected)


def test_with_an_evaluation_no_policy_is_named_unless_one_is_asked_for(
    warroom: Warroom, receiver: Receiver
) -> None:
    Path("e.csv").write_text(SMALL)
    for words in ((), ("--policy", "model-export"), ("--evaluation", "e.csv")):
        assert warroom("send", *words).exit_code == 0
    assert warroom("send", "--policy", "drift", "--evaluation", "e.csv").exit_code == 0
    sent = [json.loads(each) for each in receiver.bodies]
    assert [each.get("policy") for each in sent] == [
        "pii-fine-tuning",
        "model-export",
        None,
        "drift",
    ]
    assert ["facts" in each for each in sent] == [False, False, True, True]


def test_a_body_that_nothing_is_added_to_is_sent_as_it_stands(
    warroom: Warroom, receiver: Receiver
) -> None:
    content = '{"title":  "ä",\r\n "facts": {"a": 1.50}}\n'.encode()
    Path("b.json").write_bytes(content)
    assert warroom("send", "--file", "b.json").exit_code == 0
    assert receiver.bodies == [content]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--evaluation", "bad.csv"), "bad.csv:2: value: found 'x', need a number"),
        (("--evaluation", "none.csv"), "--evaluation: can't read none.csv"),
        (("--evaluation", "latin.csv"), "--evaluation: latin.csv is not UTF-8 at byte 19"),
        (("--evaluation", "e.csv", "--baseline", "bad.csv"), "bad.csv:2: value: found 'x'"),
        (("--evaluation", "e.csv", "--file", "has.json"), "has facts called evaluation already"),
        (("--evaluation", "e.csv", "--file", "list.json"), "need an object, and an object as its"),
        (("--evaluation", "e.csv", "--file", "text.json"), "need an object, and an object as its"),
        (("--evaluation", "large.csv"), "need 256 at most: fewer groups"),
        (("--baseline", "e.csv"), "go with --evaluation FILE"),
        (("--min-n", "5"), "go with --evaluation FILE"),
        (("--lower-is-better", "recall"), "go with --evaluation FILE"),
        (("--evaluation", "e.csv", "--lower-is-better", "recal"), "did you mean 'recall'?"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_is_sent(
    warroom: Warroom, receiver: Receiver, words: tuple[str, ...], said: str
) -> None:
    groups = (
        f"{metric},group {number} of a few thousand that there are,0.5,1000"
        for metric in "abcdefgh"
        for number in range(500)
    )
    files: dict[str, Any] = {
        "e.csv": SMALL,
        "bad.csv": "metric,group,value\nm,a,x\n",
        "large.csv": "\n".join(["metric,group,value,n", *groups]),
        "has.json": '{"facts": {"evaluation": 1}}',
        "list.json": "[]",
        "text.json": '{"facts": "none"}',
    }
    for name, text in files.items():
        Path(name).write_text(text)
    Path("latin.csv").write_bytes("metric,group,value\nä,a,1".encode("latin-1"))
    done = warroom("send", *words)
    assert (done.exit_code, receiver.bodies) == (2, [])
    assert said in done.output


@pytest.mark.parametrize(
    ("words", "signer"),
    [
        ((), "training"),
        (("--secret-name", "export-ci"), "export-ci"),
        (("--secret-name", "violations"), None),
    ],
)
def test_the_first_secret_signs_unless_another_is_asked_for_by_its_name(
    warroom: Warroom,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    signer: str | None,
) -> None:
    one, two, three, four = (
        "whsec_" + b64encode(f"secret number {number} of this test".encode()).decode()
        for number in range(4)
    )
    known = f"training={one} {two} export-ci={three} export-ci={four}"
    monkeypatch.setenv("WARROOM_WEBHOOK_SECRET", known)
    done = warroom("send", *words)
    assert done.exit_code == 0, done.output
    signers = [Secret.read(written) for written in known.split()[:3]]
    assert verify(signers, receiver.headers[0], receiver.bodies[0], datetime.now(UTC)) == signer


@pytest.mark.either_database
async def test_the_bot_keeps_the_facts_and_who_signed_them(stage: Stage, warroom: Warroom) -> None:
    await asyncio.to_thread(Path("e.csv").write_text, SMALL)
    words = ("send", "--policy", POLICY, "--evaluation", "e.csv", "--url", stage.here.url, "--json")
    with capture_logs():
        done = await asyncio.to_thread(warroom, *words)
    violation = stage.app.engine.store.violation(json.loads(done.stdout)["violation_id"])
    assert violation
    assert violation.signed_by == "violations"
    assert violation.report.facts["evaluation"]["recall"]["ratio"] == 0.8
