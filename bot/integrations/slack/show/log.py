"""What the channel of the log reads."""

from bot.domain.count import counted
from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.text import Block, Rendered, outside

NAME_MOST, WHY_MOST = 200, 500


def checkpoint(size: int, note: str) -> Rendered:
    """A checkpoint to be kept: its lines are shown as they are, to be copied."""
    head = f"Checkpoint of the record's log: {counted(size, 'event')}."
    use = (
        "Nobody has to act. Whoever holds the bot's database and key can't change what it covers "
        "unseen while this message is kept: an auditor copies the lines below into a file, and "
        "names it in `warroom audit verify EXPORT --since FILE`."
    )
    lines: Block = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": note}]}
        ],
    }
    return Rendered(text=head, blocks=[section(f"{head}\n{use}"), lines])


def refusal(size: int, witness: str, why: str) -> Rendered:
    """That a witness doesn't cosign: somebody has to look."""
    by = outside(witness, NAME_MOST)
    head = f"The witness {by} has not cosigned the checkpoint of {size} leaves"
    text = f"{head}: {outside(why, WHY_MOST)}."
    rest = (
        "If it has seen another history than the log shows now, the record was rewritten: keep "
        "the database as it is, and compare it with a backup and with older checkpoints."
    )
    return Rendered(text=text, blocks=[section(f":rotating_light: {text}\n{rest}")])
