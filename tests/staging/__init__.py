"""One staging of the bot and the local Slack for all who drive them: values, no fixtures.

Rules
- What a bot is told of its surroundings is written once, in `environment`, whether it runs in the
  tests' own process or in one of its own.
- Nobody waits for a time: whoever waits, waits for what is to happen.
"""
