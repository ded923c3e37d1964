"""Nobody decides on their own violation, however they are spelt, and no unknown one is let through.

The threats: a validator who is named in another spelling than the file's, behind a bot, beside
somebody else, or not at all.
"""

import hmac
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.local_slack import LocalSlack, People, SlackMessage
from tests.approving import try_to_approve
from tests.build import ADA, JUDE, VAL, VIV
from tests.choosing import choose
from tests.slack.reading import parts
from tests.staging.environment import CONFIG, GITHUB_SECRET
from tests.staging.stage import Stage, staged

STRANGER = {"github": "newcomer"}
HELD_BACK = "Held back."
COMMIT = "0123456789abcdef0123456789abcdef01234567"


async def _approve(stage: Stage, user: str, answer: dict[str, Any]) -> None:
    await try_to_approve(stage.people, user=user, channel=stage.channel(answer))


async def _card(stage: Stage, answer: dict[str, Any], words: str) -> SlackMessage:
    return await stage.people.wait_for_message(
        user=VAL,
        channel=stage.channel(answer),
        holds=lambda message: message.pinned and words in message.words,
    )


async def _verdict(stage: Stage, answer: dict[str, Any]) -> str:
    violation = answer.get("violation_id") or answer["violations"][0]["violation_id"]
    return str((await stage.gate(violation))["verdict"])


SPELLINGS: list[dict[str, str]] = [
    {"email": "Val Example <val@acme.test>"},
    {"email": "VAL@acme.test"},
    {"email": "mailto:val@acme.test"},
    {"email": "<val@acme.test>"},
    {"email": "val+ci@acme.test"},
    {"email": "va\u200bl@acme.test"},
    {"email": "1234567+val@users.noreply.github.com"},
    {"email": "val@users.noreply.github.com"},
    {"email": "val@users.noreply.github.com", "github": "newcomer"},
    {"github": "@val"},
    {"github": "https://github.com/val"},
    {"github": "val_acme"},
    {"slack": "<@U0VAL>"},
    {"slack": "https://acme.slack.com/team/U0VAL"},
    {"slack": "U0NOBODY", "email": "val@acme.test"},
    {"slack": "U0ADA", "email": "val@acme.test"},
]


@pytest.mark.either_database
@pytest.mark.parametrize("initiator", SPELLINGS, ids=lambda spelt: " ".join(spelt.values()))
async def test_an_initiator_in_another_spelling_decides_nothing(
    stage: Stage, initiator: dict[str, str]
) -> None:
    answer = await stage.send(initiator=initiator)
    await _card(stage, answer, "<@U0VAL>")
    room = stage.app.engine.store.room(answer["room_id"])
    assert room
    assert "val" in room.initiators
    assert room.assignments[0].on_duty == "viv"
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("initiator", "path"),
    [
        ({"email": "val"}, "initiator.email"),
        ({"slack": "@val"}, "initiator.slack"),
        ({"slack": "val"}, "initiator.slack"),
        ({"github": "val example"}, "initiator.github"),
        ({"email": "val@acme.test", "github": "https://github.com/val/ranker"}, "initiator.github"),
    ],
)
async def test_what_cannot_be_an_identity_is_a_422_that_says_what_is_needed(
    stage: Stage, initiator: dict[str, str], path: str
) -> None:
    content = json.dumps({"policy": "pii-fine-tuning", "title": "t", "initiator": initiator})
    answer = await stage.post(content.encode())
    assert answer.status_code == 422, answer.text
    (detail,) = answer.json()["detail"]
    assert detail["path"] == path
    assert "need" in detail["message"]


async def test_each_of_several_contributors_is_an_initiator(stage: Stage) -> None:
    answer = await stage.send(contributors=[{"email": "Val <val@acme.test>"}, {"github": "jude"}])
    await _card(stage, answer, "<@U0BACK>")
    for user in (VAL, JUDE):
        await _approve(stage, user, answer)
    assert await _verdict(stage, answer) == "pending"
    await _approve(stage, VIV, answer)
    assert await _verdict(stage, answer) == "allow"


async def test_who_is_behind_it_being_unknown_one_person_alone_cant_allow_it(stage: Stage) -> None:
    answer = await stage.send(initiator=STRANGER)
    card = await _card(stage, answer, HELD_BACK)
    assert "newcomer at GitHub" in card.words
    assert "second, different person" in card.words
    for _ in range(2):  # once more is no second person
        await _approve(stage, VAL, answer)
        assert await _verdict(stage, answer) == "pending"
    assert "would approve" in (await _card(stage, answer, "<@U0VAL> (validator) would")).words
    await stage.people.wait_for(
        lambda state: any("would approve" in m.words for m in state.direct(JUDE).messages)  # type: ignore[union-attr] # was paged
    )
    await _approve(stage, VIV, answer)
    assert await _verdict(stage, answer) == "allow"
    await _card(stage, answer, "<@U0VAL> had proposed to allow it")


async def test_a_second_person_sees_in_the_modal_what_the_first_would_allow(stage: Stage) -> None:
    answer = await stage.send(initiator=STRANGER)
    await _card(stage, answer, HELD_BACK)
    await _override(stage, JUDE, answer, "1d")
    await stage.people.click(user=VAL, channel=stage.channel(answer), action_id="approve")
    modal = await stage.people.wait_for_modal(user=VAL, callback_id="approve_modal")
    assert HELD_BACK in modal.words
    assert "<@U0JUDE> (adjudicator) would override, for 1 day" in modal.words
    assert "ticket 4711" in modal.words
    assert "the pipeline may go on" not in modal.words


async def test_a_second_person_allows_no_more_than_the_first_would(stage: Stage) -> None:
    """Who would allow it for a day hasn't allowed it for good; for a day or less, they have."""
    answer = await stage.send(initiator=STRANGER)
    await stage.card(answer)
    await _override(stage, JUDE, answer, "1d")
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"
    await _override(stage, JUDE, answer, "4h")
    assert await _verdict(stage, answer) == "allow"


async def test_a_block_takes_one_person_whoever_made_it(stage: Stage) -> None:
    answer = await stage.send(initiator=STRANGER)
    await stage.card(answer)
    await _submit(stage, JUDE, answer, "reject", reason="Not without knowing who trained it.")
    assert await _verdict(stage, answer) == "block"


async def test_who_says_who_it_is_doesnt_allow_it_alone(stage: Stage) -> None:
    answer = await stage.send(initiator=STRANGER)
    await _card(stage, answer, HELD_BACK)
    await _submit(stage, VAL, answer, "identify", account="github:newcomer", person=ADA)
    card = await _card(stage, answer, "by the word of <@U0VAL> alone")
    assert "<@U0ADA>" in card.words
    assert "<@U0VAL> can't allow this alone" in card.words
    assert "One person alone" not in card.words
    await stage.paged(ADA)
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"
    await _approve(stage, ADA, answer)
    assert await _verdict(stage, answer) == "pending"
    await _approve(stage, VIV, answer)
    assert await _verdict(stage, answer) == "allow"


async def test_who_is_named_is_an_initiator_and_what_they_proposed_doesnt_count(
    stage: Stage,
) -> None:
    answer = await stage.send(initiator=STRANGER)
    await _card(stage, answer, HELD_BACK)
    await _approve(stage, VAL, answer)
    await _submit(stage, JUDE, answer, "identify", account="github:newcomer", person=VAL)
    await _approve(stage, JUDE, answer)
    assert await _verdict(stage, answer) == "pending"
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"
    await _approve(stage, VIV, answer)
    assert await _verdict(stage, answer) == "allow"


async def test_an_id_that_slack_doesnt_know_is_nobody_that_is_known(stage: Stage) -> None:
    answer = await stage.send(initiator={"slack": "U0NOBODY"})
    await _card(stage, answer, HELD_BACK)
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"


@pytest.mark.parametrize("initiator", [{"email": "eve+ci@acme.test"}, {"slack": "U0EVE"}])
async def test_an_address_or_id_that_slack_knows_is_its_owners(
    stage: Stage, initiator: dict[str, str]
) -> None:
    """Eve is in Slack, and in no file; with a tag her address is hers, too."""
    answer = await stage.send(initiator=initiator)
    await stage.people.wait_for_message(
        user=VAL,
        channel=stage.channel(answer),
        holds=lambda message: (
            message.pinned
            and "Initiator: <@U0EVE>" in message.words
            and HELD_BACK not in message.words
        ),
    )
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "allow"


async def _github(stage: Stage, run: dict[str, Any], sender: str = "ada") -> dict[str, Any]:
    report = {
        "action": "completed",
        "workflow_run": {
            "name": "Guardrails",
            "head_sha": COMMIT,
            "conclusion": "failure",
            "html_url": "https://github.com/acme/ranker/actions/runs/1",
            "head_commit": {"author": {"name": "Ada", "email": "ada@acme.test"}},
            **run,
        },
        "repository": {"full_name": "acme/ranker"},
        "sender": {"login": sender},
    }
    content = json.dumps(report).encode()
    digest = hmac.new(GITHUB_SECRET.encode(), content, "sha256").hexdigest()
    headers = {
        "content-type": "application/json",
        "x-github-event": "workflow_run",
        "x-hub-signature-256": f"sha256={digest}",
    }
    answer = await stage.web.post("/webhooks/github", content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


BOT = {"login": "github-merge-queue[bot]"}
BY_GITHUB = {"name": "GitHub", "email": "noreply@github.com"}
BY_VAL = {"name": "Val", "email": "val@acme.test"}
BY_ADA = {"name": "Ada", "email": "ada@acme.test"}
RUNS: dict[str, dict[str, Any]] = {
    "actor": {"actor": {"login": "Val"}, "triggering_actor": {"login": "ada"}},
    "triggering actor": {"actor": {"login": "ada"}, "triggering_actor": {"login": "val"}},
    "co-author": {
        "actor": {"login": "ada"},
        "head_commit": {"author": BY_ADA, "message": "It\n\nCo-authored-by: V <val@acme.test>"},
    },
    "author behind a bot": {
        "actor": BOT,
        "triggering_actor": BOT,
        "head_commit": {"author": BY_VAL, "committer": BY_GITHUB},
    },
    "author behind a person": {"actor": {"login": "ada"}, "head_commit": {"author": BY_VAL}},
    "committer": {
        "actor": {"login": "Copilot", "type": "Bot"},
        "head_commit": {
            "author": {"email": "1+dependabot[bot]@users.noreply.github.com"},
            "committer": BY_VAL,
        },
    },
    "pull request's author": {
        "actor": {"login": "ada"},
        "pull_requests": [{"number": 7, "user": {"login": "val"}}],
    },
}


@pytest.mark.either_database
@pytest.mark.parametrize("run", RUNS.values(), ids=list(RUNS))
async def test_whoever_githubs_body_names_is_an_initiator(
    stage: Stage, run: dict[str, Any]
) -> None:
    answer = await _github(stage, run)
    card = await stage.card(answer)
    assert HELD_BACK not in card.words
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"
    await _approve(stage, VIV, answer)
    assert await _verdict(stage, answer) == "allow"


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("run", "shown"),
    [
        (
            {
                "actor": BOT,
                "head_commit": {"author": {"email": "1+x[bot]@users.noreply.github.com"}},
            },
            f"A bot stands in front, and nobody human is named: {BOT['login']} (a",
        ),
        (
            {"actor": BOT, "head_commit": None},
            f"It isn't known who made this change: whoever wrote commit {COMMIT[:12]} (not named).",
        ),
        (
            {"actor": {"login": "ada"}, "head_commit": {"author": {"name": "V. Osei"}}},
            "Initiator: <@U0ADA> (not seen yet), V. Osei ⚠ (not known here)",
        ),
        ({"actor": BOT, "head_commit": {"author": BY_GITHUB}}, "⚠ (nobody human is named)"),
        ({"actor": {"login": "ada"}, "head_commit": {"author": {"email": "root"}}}, "root ⚠"),
        ({"actor": {"login": "ada"}, "triggering_actor": {"login": "newcomer"}}, "newcomer"),
    ],
)
async def test_a_human_whom_githubs_body_doesnt_make_known_holds_it_back(
    stage: Stage, run: dict[str, Any], shown: str
) -> None:
    answer = await _github(stage, run, sender=BOT["login"])
    assert shown in (await _card(stage, answer, HELD_BACK)).words
    await _approve(stage, VAL, answer)
    assert await _verdict(stage, answer) == "pending"
    proposed = (await _card(stage, answer, "would approve")).words
    for why in ("isn't known who made this change", "nobody human is named:"):
        assert proposed.count(why) == (why.lower() in proposed.lower()), "said once"
    assert ": It" not in proposed


async def test_who_wrote_the_commit_can_be_said_by_somebody_who_knows(stage: Stage) -> None:
    """They are an initiator then, and whoever said it doesn't allow it alone."""
    answer = await _github(stage, {"actor": {"login": "ada"}, "head_commit": None})
    await _card(stage, answer, HELD_BACK)
    await choose(stage.people, user=VIV, channel=stage.channel(answer), verb="identify")
    form = await stage.people.wait_for_modal(user=VIV, callback_id="identify_modal")
    sent = await stage.people.submit(user=VIV, view_id=form.id, values={"person": VAL})
    assert sent.outcome in ("closed", "cleared"), sent
    card = await _card(stage, answer, "by the word of")
    assert f"whoever wrote commit {COMMIT[:12]} (not named) is <@{VAL}>" in card.words
    for user in (VAL, VIV):
        await _approve(stage, user, answer)
    assert await _verdict(stage, answer) == "pending"
    await _override(stage, JUDE, answer, "1d")
    assert await _verdict(stage, answer) == "allow"


async def test_whoever_is_reported_by_a_name_alone_is_somebody_unknown(stage: Stage) -> None:
    """Shown as text; beside an identity the name says nothing."""
    named = await stage.send(initiator={"name": "<@U0VAL> Osei"})
    card = await _card(stage, named, HELD_BACK)
    texts = [part["text"] for part in parts(card.blocks) if part.get("type") == "text"]
    assert any("<@U0VAL> Osei ⚠ (not known here)" in text for text in texts)
    beside = {"name": "Val Osei", "email": "ada@acme.test"}
    known = await stage.card(await stage.send(initiator=beside, dedup_key="2"))
    assert HELD_BACK not in known.words


@pytest.fixture
async def strict(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    """Where an unknown initiator is for the adjudicator."""
    policies = (CONFIG / "policies.yaml").read_text(encoding="utf-8")
    policies = policies.replace(
        "unknown_initiator: second_person", "unknown_initiator: adjudicator"
    )
    (tmp_path / "policies.yaml").write_text(policies, encoding="utf-8")
    shutil.copy(CONFIG / "people.yaml", tmp_path)
    async with staged(local_slack, people, database_url, warroom_config=tmp_path) as stage:
        yield stage


async def test_by_policy_it_is_the_adjudicator_who_allows_it_in_writing(strict: Stage) -> None:
    answer = await strict.send(initiator=STRANGER)
    card = await _card(strict, answer, HELD_BACK)
    assert "Only the adjudicator can allow this, with a written reason." in card.words
    for user in (VAL, VIV):
        await _approve(strict, user, answer)
    assert await _verdict(strict, answer) == "pending"
    await _override(strict, JUDE, answer, "1d")
    assert await _verdict(strict, answer) == "allow"


async def test_a_listed_service_account_stands_for_nobody(stage: Stage) -> None:
    both = {"initiator": {"github": "acme-ci"}, "contributors": [{"email": "val@acme.test"}]}
    behind = await stage.send(**both)
    card = await stage.card(behind)
    assert HELD_BACK not in card.words
    alone = await stage.send(initiator={"email": "CI <ci@acme.test>"}, dedup_key="alone")
    await _card(stage, alone, HELD_BACK)


async def _override(stage: Stage, user: str, answer: dict[str, Any], validity: str) -> None:
    text = "Signed off by the data protection officer, ticket 4711, until the retraining."
    given = {"justification": text, "category": "waiver", "validity": validity}
    await stage.people.click(user=user, channel=stage.channel(answer), action_id="override")
    await _fill_in(stage, user, "override", **given)


async def _submit(
    stage: Stage, user: str, answer: dict[str, Any], verb: str, **values: str
) -> None:
    await choose(stage.people, user=user, channel=stage.channel(answer), verb=verb)
    await _fill_in(stage, user, verb, **values)


async def _fill_in(stage: Stage, user: str, verb: str, **values: str) -> None:
    modal = await stage.people.wait_for_modal(user=user, callback_id=f"{verb}_modal")
    done = await stage.people.submit(user=user, view_id=modal.id, values=values)
    assert done.outcome in ("closed", "cleared"), done
