"""The secrets that violations are signed with: whether there are any, and each can be used."""

from collections.abc import Iterator

from bot.integrations.doctor_check import DoctorCheck
from bot.integrations.finding import Finding, error, ok, warning
from bot.policies.load import Config
from bot.settings import Settings
from bot.signatures import SignatureError, secret_key

SECRET_BYTES = 24  # what Standard Webhooks asks for at least


def examine(settings: Settings, _: Config | None) -> Iterator[Finding]:
    """What to do about each secret that is missing, short or malformed; the others are well."""
    if not settings.webhook_secrets:
        mend = "Set WARROOM_WEBHOOK_SECRET=whsec_… (see .env.example for a command that makes one)."
        yield warning("webhook secret", "not set: POST /webhooks/violations answers 401", mend)
    for number, secret in enumerate(settings.webhook_secrets, start=1):
        mend = "A secret is `whsec_` and base64 of 24 to 64 bytes."
        try:
            length = len(secret_key(secret))
        except SignatureError as wrong:
            yield error("webhook secret", f"number {number} can't be used: {wrong}", mend)
            continue
        if length < SECRET_BYTES:
            yield warning("webhook secret", f"number {number} is short: {length} bytes", mend)
        else:
            yield ok("webhook secret", f"number {number} is well formed")


CHECK = DoctorCheck("webhook secrets", examine)
