"""A browser, and pages in it that must not complain.

The browser is the package's own: Playwright keeps an event loop in the tests' thread as long as it
runs, and asynchronous tests elsewhere want that thread for theirs.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import NoChromiumError, chromium, executable
from tests.browser.demo import demo as playing
from tests.browser.local_slack import Place, running_local_slack
from tests.browser.pages import PATIENCE_MS, Pages
from tests.browser.window import LAPTOP, Window

RunLocalSlack = Callable[..., AbstractContextManager[Place]]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    try:
        executable()
    except NoChromiumError as error:
        if os.environ.get("CI"):
            raise  # a run that counts can't do without
        pytest.skip(str(error))
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as browser:
        yield browser


@pytest.fixture
def window(request: pytest.FixtureRequest) -> Window:
    """A laptop's in light, unless a test is parametrised with another."""
    chosen: Window = getattr(request, "param", LAPTOP)
    return chosen


@pytest.fixture
def pages(browser: Browser, window: Window) -> Iterator[Pages]:
    opened = Pages(browser, window)
    yield opened
    opened.close()
    assert not opened.complaints, "\n".join(opened.complaints)


@pytest.fixture
def page(pages: Pages) -> Page:
    return pages.open()


@pytest.fixture
def run_local_slack(pages: Pages) -> RunLocalSlack:
    """Runs the local Slack alone, with a toy bot; what is given is its configuration."""

    @contextmanager
    def run(**changes: object) -> Iterator[Place]:
        with running_local_slack(**changes) as place:
            yield place
            pages.close()

    return run


@pytest.fixture
def local_slack(run_local_slack: RunLocalSlack) -> Iterator[Place]:
    with run_local_slack() as place:
        yield place


@pytest.fixture
def demo(pages: Pages) -> Iterator[str]:
    """The address of a demo of its own, as `warroom demo` prints it."""
    with playing() as url:
        yield url
        pages.close()
