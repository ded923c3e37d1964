"""The quantities that most measures are: a median time, and a share."""

from collections.abc import Mapping

from bot.measures.formatting import interval, median, percent, ratio
from bot.measures.measure import Quantity
from bot.measures.survival import Median


def _median_and_interval(title: str, figure: Median, unit: str) -> Mapping[str, str]:
    return {title: median(figure, unit), "  95 % interval": interval(figure, unit)}


TIME: Quantity[Median] = Quantity(_median_and_interval, ratio)
SHARE: Quantity[float | None] = Quantity(lambda title, share, _: {title: percent(share)})
