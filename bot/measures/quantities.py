"""The quantities that most measures are: a median time, and a share."""

from bot.measures.formatting import interval, median, percent, ratio
from bot.measures.measure import Quantity
from bot.measures.survival import Median

TIME: Quantity[Median] = Quantity(
    lambda title, time, unit: {title: median(time, unit), "  95 % interval": interval(time, unit)},
    ratio,
)
SHARE: Quantity[float | None] = Quantity(lambda title, share, _: {title: percent(share)})
