"""What the channel of the log reads."""

from bot.integrations.slack.show.blocks import section
from bot.integrations.slack.show.text import Rendered, outside

NAME_MOST, WHY_MOST = 200, 500


def refusal(size: int, witness: str, why: str) -> Rendered:
    """That a witness doesn't cosign: somebody has to look."""
    head = f"The witness {outside(witness, NAME_MOST)} refused the checkpoint of {size} leaves"
    text = f"{head}: {outside(why, WHY_MOST)}."
    rest = (
        "If it has seen another history than the log shows now, the record was rewritten: keep "
        "the database as it is, and compare it with a backup and with older checkpoints."
    )
    return Rendered(text=text, blocks=[section(f":rotating_light: {text}\n{rest}")])
