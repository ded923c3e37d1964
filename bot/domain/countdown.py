"""How long it still takes, as it is shown; the page of the demo counts on in the same form."""

from itertools import pairwise

UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def countdown(seconds: float) -> str:
    """`28 s`, `9 min 58 s`, `1 h 2 min`, `29 d 23 h`; what is over is `0 s`."""
    left = max(0, round(seconds))
    for (large, unit), (small, part) in pairwise(UNITS):
        if left >= large:
            count, rest = divmod(left, large)
            more = f" {rest // small} {part}" if rest >= small else ""
            return f"{count} {unit}{more}"
    return f"{left} s"
