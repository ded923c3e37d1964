"""How long it still takes, as the panel shows it; its script counts on in the same form."""

MINUTE, HOUR, DAY = 60, 3600, 86400


def countdown(seconds: float) -> str:
    """`0:28`, `1:02:03`, or `29 d 23:59:59`; what is over is `0:00`."""
    days, left = divmod(max(0, round(seconds)), DAY)
    hours, left = divmod(left, HOUR)
    minutes, left = divmod(left, MINUTE)
    if days:
        return f"{days} d {hours}:{minutes:02}:{left:02}"
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
