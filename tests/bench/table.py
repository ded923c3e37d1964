"""The table: in the terminal, and in the README's section on operation."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from docs.generate import with_part
from tests.bench.row import HEADINGS, Row

README = Path(__file__).parents[2] / "README.md"
PART = "bench"


def show(title: str, rows: Sequence[Row]) -> None:
    """Print it."""
    table = Table(title=title)
    for heading in HEADINGS:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(cell.replace("*", "") for cell in row.cells))
    Console(width=150).print(table)


def write(title: str, rows: Sequence[Row]) -> None:
    """Put it into the README, in the place of the last one."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(row.cells for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    text = README.read_text(encoding="utf-8")
    README.write_text(with_part(text, PART, f"{title}:\n\n{table}"), encoding="utf-8")
