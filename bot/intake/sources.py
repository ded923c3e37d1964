"""The registry of sources: the last part of `/webhooks/…`, and who takes what comes there."""

from collections.abc import Mapping

from bot.intake import github, standard
from bot.intake.source import Source

SOURCES: Mapping[str, Source] = {
    "violations": standard.take,
    "github": github.take,
}
