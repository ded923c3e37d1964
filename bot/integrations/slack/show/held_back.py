"""What holds a room back while it isn't known who made a change, and what it takes to allow it.

Rules
- What was proposed stands here in full: whoever allows it too has to see what.
"""

from bot.domain.policy import Policy, UnknownInitiator
from bot.domain.war_room import Outcome, Proposal, WarRoom
from bot.integrations.slack.show.blocks import quoted, section
from bot.integrations.slack.show.participants import called, several, unknown_label
from bot.integrations.slack.show.text import Block, date, long

MARK = "\N{RAISED HAND}"
_SHOWN = 5
_WOULD = {
    Outcome.APPROVED: "would approve",
    Outcome.OVERRIDDEN: "would override",
    Outcome.DISMISSED: "would dismiss the finding",
}


def lines(room: WarRoom, policy: Policy) -> list[Block]:
    """Why one person alone can't allow it, and who would; nothing where one can."""
    if room.decision or not (room.unknown_makers or room.vouching):
        return []
    by_two = policy.unknown_initiator is UnknownInitiator.SECOND_PERSON
    takes = (
        "One person alone can't allow this: an approval, a dismissal or an override takes a "
        "second, different person."
        if by_two
        else "Only the adjudicator can allow this, with a written reason."
    )
    if by_two and not room.unknown_makers:
        takes = f"{several(room, room.vouching)} can't allow this alone."
    blocks = [section(f"{MARK} *Held back.* {_why(room)} {takes}")]
    for proposal in room.proposals:
        blocks += proposed(room, proposal)[1:]
    return blocks


def proposed(room: WarRoom, proposal: Proposal) -> tuple[str, *tuple[Block, ...]]:
    """What somebody would allow: in a line, and as blocks."""
    would = _WOULD.get(proposal.outcome, f"proposes: {proposal.outcome}")
    terms = f", for {long(proposal.validity)}" if proposal.validity else ""
    head = f"{called(room, proposal.by)} ({proposal.role}) {would}{terms}, {date(proposal.at)}."
    head = f"{head} {_takes(room)}"
    return head, *quoted(head, proposal.reason)


def _takes(room: WarRoom) -> str:
    """What it takes to allow it after somebody proposed that, as it is known by now."""
    if room.unknown_makers:
        return f"It takes a second person: {_why(room)}"
    if room.vouching:
        return f"{_why(room)} It takes another person to allow it."
    return "It is known by now who made this change: one person can allow it."


def _why(room: WarRoom) -> str:
    unknown = [unknown_label(maker) for maker in room.unknown_makers]
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        return f"It isn't known who made this change: {', '.join(unknown[:_SHOWN])}{more}."
    words = several(room, room.vouching)
    return f"Who made this change is known by the word of {words} alone."
