"""The registry of sources: the last part of `/webhooks/…`, and who takes what comes there."""

from collections.abc import Mapping

from bot.integrations.github import source as github
from bot.integrations.source import Source
from bot.integrations.standard import source as standard

SOURCES: Mapping[str, Source] = {
    "violations": standard.take,
    "github": github.take,
}
