"""Charts and tables of data: drawn, and told to who does not see them."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import message
from tests.browser.local_slack import Place
from tests.local_slack.support import Json
from tests.local_slack.test_figures import cell, number, pie, plotted, series


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
def test_a_chart_is_a_picture_with_its_data_as_a_table(
    page: Page, local_slack: Place, kind: str
) -> None:
    room = local_slack.room()
    given = plotted(series("open", value=3), series("ended", value=-1.25), kind=kind, y_label="n")
    ts = local_slack.say(room, blocks=[given])
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    expect(shown.get_by_role("img", name=f"{kind.capitalize()} chart: Debt")).to_be_visible()
    expect(shown.locator("figcaption")).to_have_text("Debt")
    rows = shown.get_by_role("table", name="Debt").get_by_role("row")
    expect(rows).to_have_text(["openended", "Mo3-1.25", "Tu3-1.25"])
    expect(shown.locator("svg .category")).to_have_text(["Mo", "Tu"])
    expect(shown.locator("svg .value")).to_have_text(["-1.25", "0", "0.875", "3"])
    expect(shown.locator(".legend li")).to_have_text(["open", "ended"])


def test_bars_stand_above_and_below_nothing_and_as_high_as_they_are(
    page: Page, local_slack: Place
) -> None:
    room = local_slack.room()
    points = [{"label": "Mo", "value": 4}, {"label": "Tu", "value": -2}]
    ts = local_slack.say(room, blocks=[plotted({"name": "n", "data": points})])
    page.goto(local_slack.at(room))
    bars = message(page, ts).locator("svg path.series-0")
    expect(bars).to_have_count(2)
    up, down = (bars.nth(index).bounding_box() for index in range(2))
    edge = 6.0  # pixels around a bar
    assert up is not None
    assert down is not None
    assert up["height"] == pytest.approx(2 * down["height"], abs=edge)
    assert up["y"] + up["height"] == pytest.approx(down["y"], abs=edge)
    expect(bars.first.locator("title")).to_have_text("n, Mo: 4")


@pytest.mark.parametrize("count", [1, 3])
def test_a_pie_says_the_share_of_each_segment(page: Page, local_slack: Place, count: int) -> None:
    room = local_slack.room()
    ts = local_slack.say(room, blocks=[pie(count)])
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    expect(shown.get_by_role("img", name="Pie chart: Debt")).to_be_visible()
    shares = {1: ["0: 1 (100%)"], 3: ["0: 1 (17%)", "1: 2 (33%)", "2: 3 (50%)"]}
    expect(shown.locator("svg path title")).to_have_text(shares[count])
    sizes = [box["width"] * box["height"] for box in map(_box, shown.locator("svg path").all())]
    assert all(smaller < larger for smaller, larger in pairwise(sizes))


def _box(shown: object) -> Json:
    box: Json = shown.bounding_box()  # type: ignore[attr-defined]  # a locator, or it fails
    return box


def test_a_table_of_data_is_shown_a_page_at_a_time(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    head = [cell("Room"), cell("Hours")]
    rows = [[cell(f"r{index}"), number(index, f"{index} h")] for index in range(3)]
    given = {"type": "data_table", "caption": "Open rooms", "rows": [head, *rows], "page_size": 2}
    ts = local_slack.say(room, blocks=[given])
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    visible = shown.get_by_role("table", name="Open rooms").get_by_role("row")
    expect(visible).to_have_text(["RoomHours", "r00 h", "r11 h"])
    shown.get_by_text("Rows 3 to 3 of 3").click()
    expect(visible).to_have_text(["RoomHours", "r22 h"])
    expect(shown.get_by_role("rowheader", name="r2")).to_be_visible()


def test_a_short_table_of_data_has_one_page(page: Page, local_slack: Place) -> None:
    room = local_slack.room()
    rows = [[cell("Room")], [cell("<b>r0</b>")]]
    ts = local_slack.say(room, blocks=[{"type": "data_table", "caption": "All", "rows": rows}])
    page.goto(local_slack.at(room))
    shown = message(page, ts)
    expect(shown.get_by_role("table", name="All").get_by_role("row")).to_have_text(
        ["Room", "<b>r0</b>"]
    )
    expect(shown.locator("summary")).to_have_count(0)
