"""Counts in words that agree with them."""


def counted(count: int, one: str, several: str | None = None) -> str:
    """`1 effect`, `2,000 effects`; with `several` where more than one are called otherwise."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"
