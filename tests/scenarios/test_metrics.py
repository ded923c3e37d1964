"""What /metrics says of a bot at work; the dashboard and the alerts ask for nothing else."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import yaml

from bot.app import create_app, running
from bot.local_slack import LocalSlack, People
from tests.approving import approve
from tests.build import ADA, BEA, EVE, JUDE, VAL
from tests.metrics.promql import SyntaxProblemError, complaints
from tests.metrics.reading import Exposed, scraped
from tests.staging.environment import CONFIG, SECRET, TOKEN, settings
from tests.staging.pipeline import channel
from tests.staging.stage import MovingClock, Stage, client, direct

pytestmark = pytest.mark.either_database

_SUFFIX = re.compile("_(bucket|count|sum|total)$")

POLICY = "pii-fine-tuning"
LIMITED = "conversations.setTopic"


async def _until(stage: Stage, holds: Callable[[Exposed], bool]) -> Exposed:
    async def look() -> Exposed:
        return await scraped(stage.web)

    return await stage.people.wait_until(look, holds, timeout=10)


async def _life(stage: Stage) -> dict[str, Any]:
    """One room, from its violation to its decision, with Slack failing once in each way."""
    await stage.people.fault("error", method=LIMITED, error="ratelimited", times=1)
    await stage.people.fault("error", method="pins.add", error="fatal_error", times=1)
    answer = await stage.send()
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    stage.move(timedelta(hours=1, seconds=2))
    await stage.told(JUDE, 2)
    name = channel(answer)
    await approve(stage.people, user=VAL, channel=name)
    assert (await stage.gate(answer["violation_id"], wait=5))["outcome"] == "approved"
    await stage.buttonless(VAL)
    return answer


async def test_a_rooms_life_is_in_the_figures(stage: Stage) -> None:
    before = await scraped(stage.web)
    assert before.value("warroom_rooms", state="open", policy=POLICY) == 0
    answer = await _life(stage)
    after = await _until(
        stage, lambda found: found.value("warroom_page_latency_seconds_count") >= 3
    )
    assert after.value("warroom_database_up") == 1
    assert after.value("warroom_rooms", state="open", policy=POLICY) == 0
    assert after.value("warroom_rooms", state="decided", policy=POLICY) == 1
    assert after.value("warroom_decisions_total", outcome="approved") == 1
    assert after.value("warroom_decisions_total", outcome="expired") == 0
    assert 3600 < after.value("warroom_half_life_seconds") < 3700
    assert after.value("warroom_timer_lateness_seconds_count") >= 1
    assert after.value("warroom_commit_orders_count") > 5
    assert after.value("warroom_slack_calls_total", method="views.open", result="ok") == 1
    for method, result in ((LIMITED, "ratelimited"), ("pins.add", "fatal_error")):
        assert after.value("warroom_slack_calls_total", method=method, result=result) == 1
    assert after.value("warroom_slack_rate_limited_total", method=LIMITED) == 1
    assert after.value("warroom_slack_call_duration_seconds_count", method="pins.add") >= 1
    token = stage.app.settings.slack_bot_token.get_secret_value()
    ends = f'warroom_exception_ends_at{{exception="{answer["room_id"]}"'
    told = after.text.replace(ends, "", 1)  # the one id that is told
    for hidden in (answer["room_id"], answer["violation_id"], ADA, SECRET, TOKEN, token):
        assert hidden not in told


async def test_a_page_is_late_by_the_time_since_the_violation_not_since_the_name_was_found(
    stage: Stage,
) -> None:
    await stage.people.fault("http", method="users.lookupByEmail", status=503, times=99)
    answer = await stage.send(initiator={"email": "eve@acme.test"})
    await stage.card(answer)
    early = await _until(
        stage, lambda found: found.value("warroom_page_latency_seconds_count") == 2
    )
    assert early.value("warroom_page_latency_seconds_sum") < 60
    await stage.people.clear_faults()
    stage.move(timedelta(minutes=10))
    # An attempt may have been under way, and failed after that.
    await stage.until(lambda state: direct(state, EVE), timedelta(seconds=5))
    late = await _until(stage, lambda found: found.value("warroom_page_latency_seconds_count") == 3)
    assert 600 <= late.value("warroom_page_latency_seconds_sum") < 720


async def test_a_backups_page_counts_from_when_the_backup_was_called(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    stage.move(timedelta(hours=2, seconds=1))
    await stage.paged(BEA)
    found = await _until(
        stage, lambda found: found.value("warroom_page_latency_seconds_count") >= 4
    )
    assert found.value("warroom_page_latency_seconds_sum") < 60


async def test_what_is_left_of_a_methods_budget_is_a_figure(stage: Stage) -> None:
    create = {"method": "conversations.create"}
    before = (await scraped(stage.web)).value("warroom_slack_budget_left", **create)
    await stage.card(await stage.send())
    after = (await scraped(stage.web)).value("warroom_slack_budget_left", **create)
    assert after == before - 1


async def test_a_connection_that_breaks_is_counted_as_one(stage: Stage) -> None:
    await stage.people.fault("reset", method="conversations.create", times=1)
    await stage.send()
    call = {"method": "conversations.create", "result": "connection"}
    await _until(stage, lambda found: found.value("warroom_slack_calls_total", **call) == 1)


async def test_with_slack_away_effects_wait_and_the_process_is_ready_all_the_same(
    stage: Stage,
) -> None:
    await stage.people.fault("http", status=503, times=10_000)
    await stage.send()

    async def ready() -> httpx.Response:
        return await stage.web.get("/readyz")

    for _ in range(4):
        stage.move(timedelta(minutes=2))
        await stage.people.wait_until(ready, lambda answer: answer.status_code == 200, timeout=10)
    found = await scraped(stage.web)
    assert found.value("warroom_outbox_depth", urgency="page") > 1


async def test_a_worker_gives_its_health_and_figures_on_a_port_of_its_own_and_hears_nothing(
    local_slack: LocalSlack, people: People, database_url: str
) -> None:
    chosen = settings(local_slack.api_url, database_url, WARROOM_METRICS_PORT=0)
    async with (
        create_app(chosen, now=MovingClock()) as app,
        running(app, web=False, worker=True) as here,
        client(here.figures) as web,
    ):
        for path in ("/healthz", "/readyz"):
            assert (await web.get(path)).status_code == 200
        assert (await scraped(web)).value("warroom_database_up") == 1
        for path in ("/webhooks/violations", "/slack/events"):
            assert (await web.post(path)).status_code == 404
        assert (await web.get("/gate/violation1")).status_code == 404


async def test_a_worker_without_the_setting_listens_nowhere(
    local_slack: LocalSlack, database_url: str
) -> None:
    async with (
        create_app(settings(local_slack.api_url, database_url)) as app,
        running(app, web=False, worker=True) as here,
    ):
        assert (here.url, here.figures) == ("", "")


def _expressions(found: Any) -> Iterator[str]:  # noqa: ANN401 - YAML or JSON
    if isinstance(found, dict):
        if isinstance(found.get("expr"), str):
            yield found["expr"]
        for part in found.values():
            yield from _expressions(part)
    elif isinstance(found, list):
        for part in found:
            yield from _expressions(part)


async def test_the_dashboard_and_the_alerts_ask_for_what_there_is(stage: Stage) -> None:
    await _life(stage)
    exposed = (
        await _until(
            stage,
            lambda found: found.value("warroom_slack_rate_limited_total", method=LIMITED) > 0,
        )
    ).series
    alerts = yaml.safe_load((CONFIG / "alerts.yaml").read_text(encoding="utf-8"))
    dashboard = json.loads((CONFIG / "grafana-dashboard.json").read_text(encoding="utf-8"))
    expressions = [*_expressions(alerts), *_expressions(dashboard)]
    assert len(expressions) > 30
    assert [wrong for each in expressions for wrong in complaints(each, exposed)] == []
    families = {_SUFFIX.sub("", name) for name in exposed if name.startswith("warroom_")}
    asked = " ".join(expressions)
    assert {name for name in families if name not in asked} == set()


@pytest.mark.parametrize(
    "expression",
    [
        "rate(warroom_no_such_total[5m])",
        "sum by (metod) (rate(warroom_calls_total[5m]))",
        'warroom_calls_total{metod="a"}',
        'warroom_calls_total{method="b"}',
        'warroom_calls_total{method=~"a|b"}',
    ],
)
def test_what_is_not_there_is_complained_of(expression: str) -> None:
    exposed = {"warroom_calls_total": {"method": {"a"}}}
    assert not list(
        complaints('sum by (method) (rate(warroom_calls_total{method="a"}[5m]))', exposed)
    )
    assert list(complaints(expression, exposed))


@pytest.mark.parametrize("expression", ["sum(a", "a)", "rat(a[5m])", "a{b}", "a[5 min]", "a{b=c}"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises((SyntaxProblemError, IndexError)):
        list(complaints(expression, {"a": {"b": {"c"}}}))


def test_each_alert_says_what_to_do_and_each_panel_has_a_title_and_a_unit() -> None:
    alerts = yaml.safe_load((CONFIG / "alerts.yaml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    names = [rule["alert"] for rule in rules]
    assert len(set(names)) == len(names)
    for rule in rules:
        assert rule["for"], rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert len(rule["annotations"]["description"]) > 80
    dashboard = json.loads((CONFIG / "grafana-dashboard.json").read_text(encoding="utf-8"))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in panels:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
    assert [each["name"] for each in dashboard["templating"]["list"]] == ["datasource"]
