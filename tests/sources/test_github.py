"""`POST /webhooks/github`: a failed run or check opens a room, everything else says why not."""

import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain import commands as c
from bot.domain.facts import sentences
from bot.domain.makers import accounts_of
from bot.domain.violation import CONTRIBUTORS
from bot.domain.war_room import WarRoom
from tests.build import acting, ada, jude
from tests.reference import REFERENCE, with_reference
from tests.sources.conftest import GITHUB, Pipeline
from tests.sources.github import CHECK, RUN, check, post, run

AUTHOR = f"name:whoever wrote commit {RUN['workflow_run']['head_sha'][:12]} (not named)"

pytestmark = pytest.mark.either_database


async def test_a_failed_run_opens_a_room_and_its_delivery_is_taken_once(pipeline: Pipeline) -> None:
    first, again = await post(pipeline, run()), await post(pipeline, run())
    assert first.status_code == 202, first.text
    assert again.json() == first.json() | {"duplicate": True}
    room = pipeline.engine.store.room(first.json()["room_id"])
    assert room
    assert room.violation.signed_by == "github"
    report = room.violation.report
    assert room.initiators == (ada.name,)
    assert report.origin.pull_request == 42
    commit = RUN["workflow_run"]["head_commit"]
    assert report.origin.author == commit["author"]["name"]
    assert report.origin.commit_message == commit["message"].strip()
    assert report.origin.repository == "acme/ranker"
    assert report.origin.commit == RUN["workflow_run"]["head_sha"]


async def test_a_replay_under_another_id_changes_nothing(pipeline: Pipeline) -> None:
    """The id is not signed: whoever has got hold of a delivery could choose one."""
    first = await post(pipeline, run())
    await pipeline.engine.handle(
        first.json()["room_id"], c.Reject(reason="Not like this."), acting(jude.name)
    )
    again = await post(pipeline, run(), x_github_delivery="delivery-2")
    assert again.json()["duplicate"] is True
    assert again.json()["room_id"] == first.json()["room_id"]
    assert pipeline.engine.store.open_rooms() == []


async def test_a_run_again_over_the_same_commit_joins_and_another_commit_does_not(
    pipeline: Pipeline,
) -> None:
    first = await post(pipeline, run())
    rerun = await post(pipeline, run(run_attempt=2), x_github_delivery="delivery-2")
    other = await post(pipeline, run(head_sha="ffff"), x_github_delivery="delivery-3")
    assert rerun.json()["room_id"] == first.json()["room_id"]
    assert other.json()["room_id"] != first.json()["room_id"]


async def test_a_failed_check_run_opens_a_room(pipeline: Pipeline) -> None:
    answer = await post(pipeline, CHECK, "check_run")
    assert answer.status_code == 202, answer.text
    room = pipeline.engine.store.room(answer.json()["room_id"])
    assert room
    assert room.initiators == (ada.name,)


@pytest.mark.parametrize(
    ("conclusion", "opens"),
    [
        *((each, True) for each in ("failure", "timed_out", "action_required", "startup_failure")),
        *((each, False) for each in ("neutral", "cancelled", "skipped", "stale", None)),
    ],
)
async def test_each_way_to_fail_opens_a_room_and_no_other_end_does(
    pipeline: Pipeline, conclusion: str | None, opens: bool
) -> None:
    answer = await post(pipeline, run(conclusion=conclusion))
    assert answer.status_code == 202, answer.text
    assert ("room_id" in answer.json()) is opens, answer.text


async def test_a_name_in_the_workflow_alone_is_enough(pipeline: Pipeline) -> None:
    answer = await post(pipeline, run(name=""))
    assert "room_id" in answer.json()


async def test_a_form_is_taken_too(pipeline: Pipeline) -> None:
    content = urlencode({"payload": json.dumps(run())}).encode()
    kind = "application/x-www-form-urlencoded"
    assert "room_id" in (await post(pipeline, content, content_type=kind)).json()


@pytest.mark.parametrize(
    ("report", "event", "said"),
    [
        (run(conclusion="success"), "workflow_run", "success"),
        (run(conclusion="neutral"), "workflow_run", "'Guardrails' ended as neutral"),
        (run(conclusion=None), "workflow_run", "'Guardrails' ended without a conclusion"),
        (run(name="Unit tests"), "workflow_run", "no policy is mapped to 'Unit tests'"),
        (run() | {"action": "requested"}, "workflow_run", "'requested'"),
        ({"zen": "Keep it logically awesome."}, "ping", "'ping'"),
        ({}, "push", "'push'"),
    ],
)
async def test_what_opens_nothing_says_why(
    pipeline: Pipeline, report: dict[str, Any], event: str, said: str
) -> None:
    answer = await post(pipeline, report, event)
    assert answer.is_success
    assert answer.json()["status"] == "ignored"
    assert said in answer.json()["reason"]
    assert pipeline.engine.store.open_rooms() == []


@pytest.mark.parametrize("signature", ["", "sha256=00", "sha1=757107", "sha256=" + "0" * 64])
async def test_a_wrong_signature_is_a_401(pipeline: Pipeline, signature: str) -> None:
    answer = await post(pipeline, run(), x_hub_signature_256=signature)
    assert answer.status_code == 401


async def test_a_signature_in_another_spelling_or_for_another_body_is_a_401(
    pipeline: Pipeline,
) -> None:
    content = json.dumps(run()).encode()
    digest = hmac.new(GITHUB.encode(), content, "sha256").hexdigest()
    spellings = [digest, f"sha256={digest.upper()}", f"sha256={digest[:-1]}", f"SHA256={digest}"]
    spellings += [f"sha256= {digest}", f"sha256={digest},sha256={digest}", f"sha512={digest}"]
    for signature in spellings:
        answer = await post(pipeline, content, x_hub_signature_256=signature)
        assert answer.status_code == 401, signature
    form = urlencode({"payload": content}).encode()
    kind = "application/x-www-form-urlencoded"
    answer = await post(pipeline, form, x_hub_signature_256=f"sha256={digest}", content_type=kind)
    assert answer.status_code == 401
    assert pipeline.engine.store.open_rooms() == []


async def test_a_report_that_lacks_parts_names_them(pipeline: Pipeline) -> None:
    broken = run()
    del broken["workflow_run"]["head_sha"]
    answer = await post(pipeline, broken)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["path"].endswith("head_sha")


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"html_url": "not an address"}, "origin.run_url"),
        ({"head_sha": "f" * 300}, "origin.commit"),
        ({"pull_requests": [{"number": 0}]}, "origin.pull_request"),
        ({"head_sha": 5}, "workflow_run.head_sha"),
    ],
)
async def test_what_makes_no_report_is_the_senders_422_and_not_our_503(
    pipeline: Pipeline, changed: dict[str, object], path: str
) -> None:
    report = run()
    report["workflow_run"] |= {"head_commit": None} | changed
    report.pop("sender", None)
    answer = await post(pipeline, report)
    assert answer.status_code == 422, answer.text
    assert path in {each["path"] for each in answer.json()["detail"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"actor": None},
        {"pull_requests": None},
        {"pull_requests": [None, {}, {"number": 7}]},
        {"display_title": None},
    ],
)
async def test_a_null_that_github_may_send_loses_no_failure(
    pipeline: Pipeline, changed: dict[str, object]
) -> None:
    report = run() | {"sender": {"login": "ada"}}
    report["workflow_run"] |= changed
    answer = await post(pipeline, report)
    assert answer.status_code == 202, answer.text
    room = pipeline.engine.store.room(answer.json()["room_id"])
    assert room
    assert room.initiators == (ada.name,)


async def test_who_sent_the_event_made_nothing_where_an_actor_is_named(pipeline: Pipeline) -> None:
    report = run(triggering_actor=None) | {"sender": {"login": "newcomer"}}
    room = await _opened(pipeline, report)
    assert (room.initiators, room.unknown_makers) == ((ada.name,), ())


async def test_a_commits_author_is_known_by_the_login_too_where_github_says_it(
    pipeline: Pipeline,
) -> None:
    commit = {"author": {"username": "ada", "email": "ada@home.example"}}
    report = run(triggering_actor=None, head_commit=commit)
    report["workflow_run"]["actor"]["login"] = "ci[bot]"
    room = await _opened(pipeline, report)
    assert (room.initiators, room.unknown_makers) == ((ada.name,), ())


@pytest.mark.parametrize("actor", [None, {"login": " "}])
async def test_who_made_it_being_named_nowhere_somebody_did_whom_nobody_knows(
    pipeline: Pipeline, actor: dict[str, str] | None
) -> None:
    report = run(triggering_actor=None, head_commit=None) | {"sender": None}
    report["workflow_run"]["actor"] = actor
    (unknown,) = (await _opened(pipeline, report)).unknown_makers
    assert unknown.accounts == (AUTHOR,)


@pytest.mark.parametrize(
    ("email", "account"),
    [
        ("mailto:a%00b@acme.test", "email:ab@acme.test"),
        ("\u200b" * 195 + "new@acme.test", "email:new@acme.test"),
    ],
)
async def test_an_address_that_hides_what_nobody_sees_loses_no_failure(
    pipeline: Pipeline, email: str, account: str
) -> None:
    room = await _opened(pipeline, run(head_commit={"author": {"email": email}}))
    assert any(each.endswith(account) for each in accounts_of(room.unknown_makers))


async def test_of_more_humans_than_a_report_takes_one_stands_for_the_rest(
    pipeline: Pipeline,
) -> None:
    users = [{"number": n, "user": {"login": f"author-{n}"}} for n in range(1, 61)]
    room = await _opened(pipeline, run(pull_requests=users, head_commit=None))
    report = room.violation.report
    assert len(report.contributors) == CONTRIBUTORS
    (rest,) = room.unknown_makers[-1].accounts
    assert rest.startswith("name:more people behind commit ")


@pytest.mark.parametrize(
    ("author", "called"),
    [
        ({"name": "Val Osei", "email": ""}, "name:Val Osei"),
        ({"name": "Val Osei", "email": None}, "name:Val Osei"),
        ({"name": "Val Osei"}, "name:Val Osei"),
        ({"name": "Val Osei", "email": "mal at evil"}, "name:Val Osei / mal at evil"),
        ({"email": "mal at evil"}, "name:mal at evil"),
        ({"name": "renovate[bot]", "email": ""}, "name:renovate[bot]"),
        ({"email": "\ufdfa" * 20 + "@acme.test"}, "name:"),
        ({"name": "\u200b", "email": "\t"}, AUTHOR),
        ({}, AUTHOR),
        (None, AUTHOR),
    ],
)
async def test_an_author_whom_nothing_identifies_is_a_human_whom_nobody_knows(
    pipeline: Pipeline, author: dict[str, str | None] | None, called: str
) -> None:
    """Else whoever wrote it could leave out their address, and decide alone."""
    room = await _opened(pipeline, run(triggering_actor=None, head_commit={"author": author}))
    (unknown,) = room.unknown_makers
    (account,) = unknown.accounts
    assert account == called or (called == "name:" and account.startswith(called))
    assert room.initiators == (ada.name,)
    assert room.awaited == (), "Slack can't be asked who that is"


async def test_without_a_head_commit_whoever_wrote_it_is_somebody_whom_nobody_knows(
    pipeline: Pipeline,
) -> None:
    room = await _opened(pipeline, run(head_commit=None, triggering_actor=None))
    assert room.initiators == (ada.name,)
    assert accounts_of(room.unknown_makers) == (AUTHOR,)


async def test_a_check_run_doesnt_name_who_wrote_the_commit_and_each_commits_is_another(
    pipeline: Pipeline,
) -> None:
    """Who is named for one commit is named for no other, though one room may have both."""
    accounts = set()
    for sha in ("8c1f2a7d", "ffff0000"):
        answer = await post(pipeline, check(head_sha=sha), "check_run")
        room = pipeline.engine.store.room(answer.json()["room_id"])
        assert room
        assert room.initiators == (ada.name,)
        accounts |= {*accounts_of(room.unknown_makers)}
    assert accounts == {
        f"name:whoever wrote commit {sha} (not named)" for sha in ("8c1f2a7d", "ffff0000")
    }


@pytest.mark.parametrize(
    ("trailers", "known", "unknown"),
    [
        ("Co-authored-by: Ada Byron <ada@acme.test>", (ada.name,), ()),
        ("Co-authored-by: Newt <newt@acme.test>", (), ("email:newt@acme.test",)),
        ("co-Authored-By :  newt@acme.test \r", (), ("email:newt@acme.test",)),
        ("Co-authored-by: Newt", (), ("name:Newt",)),
        ("Co-authored-by: Newt <newt at home>", (), ("name:Newt <newt at home>",)),
        ("Co-authored-by: 1+x[bot] <1+x[bot]@users.noreply.github.com>", (), ()),
        ("Co-authored-by:", (), ()),
        ("Reviewed-by: Newt <newt@acme.test>", (), ()),
        (
            "Co-authored-by: Newt <newt@acme.test>\nCo-authored-by: Ada <ada@acme.test>",
            (ada.name,),
            ("email:newt@acme.test",),
        ),
    ],
)
async def test_whom_the_commits_message_names_as_a_co_author_made_it_too(
    pipeline: Pipeline, trailers: str, known: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    author = {"name": "Bob", "email": "bob@acme.test"}
    commit = {"author": author, "message": f"Fine-tune it\n\n{trailers}\n"}
    report = run(triggering_actor=None, head_commit=commit)
    report["workflow_run"]["actor"]["login"] = "ci[bot]"
    room = await _opened(pipeline, report)
    assert room.initiators == known
    assert {*accounts_of(room.unknown_makers)} == {"email:bob@acme.test", *unknown}


async def test_any_number_of_co_authors_hides_none_of_the_others(pipeline: Pipeline) -> None:
    """Anybody may write as many into a message as they like."""
    many = "\n".join(f"Co-authored-by: n{n}@acme.test" for n in range(20_000))
    asked = [{"number": 7, "user": {"login": "ada"}}]
    report = run(head_commit={"message": many}, triggering_actor=None, pull_requests=asked)
    report["workflow_run"]["actor"]["login"] = "ci[bot]"
    assert (await _opened(pipeline, report)).initiators == (ada.name,)


async def _opened(pipeline: Pipeline, report: dict[str, Any]) -> WarRoom:
    answer = await post(pipeline, report)
    assert answer.status_code == 202, answer.text
    room = pipeline.engine.store.room(answer.json()["room_id"])
    assert room
    return room


async def test_a_check_comes_with_its_whole_output(pipeline: Pipeline) -> None:
    report = json.loads(json.dumps(CHECK))
    whole = "\u00e9" * 65_535
    report["check_run"]["output"] = {"summary": whole, "text": "x" * 65_535}
    assert (await _facts(pipeline, report))["summary"] == whole


async def _facts(pipeline: Pipeline, report: dict[str, Any]) -> dict[str, Any]:
    answer = await post(pipeline, report, "check_run")
    assert answer.status_code == 202, answer.text
    return pipeline.engine.store.facts(answer.json()["violation_id"])


async def test_a_checks_title_and_summary_are_its_sentences_as_they_were_written(
    pipeline: Pipeline,
) -> None:
    said = "1 finding", "<!-- x -->\n**customers_eu** is <!channel> `pii`"
    output = {"title": f" {said[0]} ", "summary": f"{said[1]}\n", "annotations_count": 1}
    facts = await _facts(pipeline, check(output=output))
    assert facts == {
        "check": "Guardrails",
        "conclusion": "failure",
        "title": said[0],
        "summary": said[1],
    }
    assert sentences(facts) == [*said]


@pytest.mark.parametrize(
    "output", [None, {}, {"title": None, "summary": None}, {"title": " ", "summary": ""}]
)
async def test_a_check_that_says_nothing_has_no_sentences(
    pipeline: Pipeline, output: dict[str, str] | None
) -> None:
    assert set(await _facts(pipeline, check(output=output))) == {"check", "conclusion"}


async def test_a_checks_sentences_are_no_longer_than_githubs_own(pipeline: Pipeline) -> None:
    output = {"title": "t" * 1_000, "summary": "s" * 100_000}
    facts = await _facts(pipeline, check(output=output))
    assert (len(facts["title"]), len(facts["summary"])) == (300, 65_535)


@with_reference
def test_the_body_is_shaped_as_githubs_own() -> None:
    path = REFERENCE / "github" / "workflow_run.completed.with-pull-requests.payload.json"
    real = json.loads(path.read_text(encoding="utf-8"))
    assert set(RUN) <= set(real)
    assert set(RUN["workflow_run"]) <= set(real["workflow_run"])
