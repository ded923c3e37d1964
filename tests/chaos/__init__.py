"""Nothing lost, nothing twice: the bot under faults, and a count of what went wrong: `make chaos`.

Rules
- The parts are the real ones: PostgreSQL, processes of the bot's command, signals, HTTP, and the
  local Slack in a process of its own. Nothing inside the bot is replaced or asked.
- One seed gives one schedule of violations, clicks, kills and of Slack's faults. What the machine
  makes of it differs from run to run; what is counted must be 0 in each.
- What went wrong is read from outside: the database, its log, what Slack holds, what senders,
  people and pipelines were answered.
"""
