"""What is wrong in the log's tables is told, and stops nobody: no decision waits for a leaf.

Rules
- Rows that the log has not written as they are (a node that is gone, a head that doesn't fit its
  frontier, a leaf where the next one goes) can't be mended by whoever meets them: they are logged
  as an error, each time, and looked at again later.
"""

import structlog
from sqlalchemy.exc import DBAPIError

from bot.evidence.errors import EvidenceError

log = structlog.get_logger()

# What reading such rows raises; and adding to them.
UNREADABLE = (EvidenceError, LookupError, ValueError)
DAMAGED = (*UNREADABLE, DBAPIError)
AGAIN_SECONDS = 60.0


def tell_damage(at: str, error: Exception) -> None:
    """Say for whoever keeps the bot what was found, and by which part."""
    log.error("log.damaged", at=at, error=repr(error))
