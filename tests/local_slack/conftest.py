from collections.abc import AsyncIterator

import pytest

from tests.local_slack.support import Local, local


@pytest.fixture
async def here() -> AsyncIterator[Local]:
    async with local() as running:
        yield running
