"""The sources that are built in: a line for each system that reports violations.

Apart from the rest of what is built in: who only reads the configuration needs no more than these.
"""

from typing import Any

from bot.integrations.github.source import SOURCE as GITHUB
from bot.integrations.source import Source
from bot.integrations.standard.gate import SOURCE as GATE
from bot.integrations.standard.source import SOURCE as STANDARD

SOURCES: tuple[Source[Any], ...] = (STANDARD, GATE, GITHUB)
