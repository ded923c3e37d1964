"""What an adjudicator reads of an erasure."""

from collections.abc import Sequence

from bot.domain.count import counted
from bot.domain.erasure import Erased
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.text import Rendered, outside

ORDER_MOST, TITLE_MOST, TITLES = 300, 80, 5


def erased(event: Erased, by: str, policies: Sequence[str]) -> Rendered:
    """How much went, under which policies, by whom and on whose order."""
    titles = ", ".join(outside(title, TITLE_MOST) for title in policies[:TITLES])
    more = f" and {len(policies) - TITLES} more" if len(policies) > TITLES else ""
    values, rooms = counted(event.values, "personal value"), counted(event.rooms, "war room")
    done = f"erased by {outside(by, ORDER_MOST)}"
    head = f"{values} of {rooms} were {done}, under: {titles}{more}."
    order = f"Order: {outside(event.order, ORDER_MOST)}."
    rest = "Decisions, times and policies stay on record; who is gone is p1, p2, … there."
    return Rendered(text=head, blocks=[section(f"{head}\n{order}\n{rest}")])
