"""What lies between a bot and any service that is played on this machine.

Rules
- It knows no service and no bot: what one service has of its own (limits, the form of signatures,
  bodies of errors, names) is handed in as values.
- It imports nothing of the rest of the project; the local services import it.
"""
