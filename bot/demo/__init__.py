"""`warroom demo`: the bot and a local Slack on one page, with a clock that can be moved ahead."""
