"""The measures, and the shapes of `sources.yaml`: for commands that need no more of what there is.

Where nothing was added they are had without all the rest, which is Slack: 300 ms of a command that
only counts.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.integrations.source import sections_of
from bot.integrations.sources import SOURCES
from bot.measures.measure import Measure
from bot.measures.registry import MEASURES
from bot.policies.sources import Sections

if TYPE_CHECKING:
    from bot.integrations.extension import Extension


def measures_with(extensions: Sequence["Extension"]) -> tuple[Measure[Any], ...]:
    """Those that are built in, and what `extensions` add. ValueError as `combined` raises it."""
    return _all(extensions).measures if extensions else MEASURES


def sections_with(extensions: Sequence["Extension"]) -> Sections:
    """Those of the built-in sources, and what `extensions` add. ValueError in the same way."""
    return _all(extensions).sections if extensions else sections_of(SOURCES)


def _all(extensions: Sequence["Extension"]) -> "Extension":
    from bot.integrations.registry import with_built_in  # noqa: PLC0415 - see above

    return with_built_in(extensions)
