"""Settings, read once from the environment and `.env`; a bad value stops the start.

Rules
- No secret stands in a `repr` or in an error: not the database's password either, nor a token that
  was written to the wrong variable.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import UsageError
from bot.signatures import Secret, SignatureError

_SECRET = re.compile(r"xox[a-z]-|xapp-|whsec_|@")
SLACK_API = "https://slack.com/api"
_HERE = frozenset(("localhost", "127.0.0.1", "::1"))


class Settings(BaseSettings):
    """What the environment says; secrets never show in a `repr`."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    slack_bot_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_api_url: str = SLACK_API
    slack_budget: float = Field(default=1.0, ge=0.01, le=1000)
    database_url: str = Field(default="sqlite:///warroom.db", repr=False)
    warroom_config: Path = Path("config")
    warroom_webhook_secret: SecretStr = SecretStr("")
    warroom_api_token: SecretStr = SecretStr("")
    warroom_gate_token: SecretStr = SecretStr("")
    warroom_public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    warroom_processes: int = Field(default=1, ge=1, le=64)
    warroom_metrics_port: int | None = Field(default=None, ge=0, le=65535)
    warroom_log_origin: str = ""
    warroom_log_key: SecretStr = SecretStr("")
    warroom_log_file: Path | None = None
    warroom_log_witnesses: str = ""
    warroom_log_channel: str = ""
    warroom_statement_key: SecretStr = SecretStr("")
    warroom_passport_keys: str = ""

    @field_validator("slack_api_url", "warroom_public_url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (parts.scheme in ("http", "https") and parts.hostname):
            found = "a secret" if _SECRET.search(url) else repr(url)
            raise ValueError(f"found {found}, need an address such as https://warroom.example.com")
        return url.rstrip("/")

    @field_validator("warroom_webhook_secret", "warroom_gate_token")
    @classmethod
    def _named_secrets(cls, secrets: SecretStr, info: ValidationInfo) -> SecretStr:
        read = Secret.token if info.field_name == "warroom_gate_token" else Secret.read
        for number, written in enumerate(secrets.get_secret_value().split(), start=1):
            try:
                read(written)
            except SignatureError as error:
                raise ValueError(f"number {number}: {error}") from error
        return secrets

    @field_validator("warroom_log_file", mode="before")
    @classmethod
    def _no_file(cls, file: object) -> object:
        return file or None  # as `.env` has it that names none

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(
            ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
        ):
            kind, has_kind, _ = url.partition("://")
            found = f"{kind}:…" if has_kind else "no address"
            raise ValueError(f"found {found}, need sqlite:///FILE or postgresql://…")
        if url.startswith("sqlite:///file:"):
            raise ValueError("found sqlite:///file:…, need the file's plain name: sqlite:///FILE")
        try:
            query = make_url(url).query
        except (ArgumentError, ValueError):
            need = "a password with @, : or / in it has to be percent-encoded"
            raise ValueError(f"can't be read as an address: {need}") from None
        if "password" in query:
            raise ValueError(
                "found the password behind `?`, need it as postgresql://user:password@…"
            )
        return url

    @property
    def webhook_secrets(self) -> tuple[Secret, ...]:
        """All secrets that a violation may be signed with, the newest first."""
        return tuple(map(Secret.read, self.warroom_webhook_secret.get_secret_value().split()))

    @property
    def gate_tokens(self) -> tuple[Secret, ...]:
        """All tokens that open the gate: its own, and the one that opens everything."""
        own = map(Secret.token, self.warroom_gate_token.get_secret_value().split())
        api = self.warroom_api_token.get_secret_value()
        return (*own, Secret(api)) if api else tuple(own)

    def named(self, variable: str) -> str:
        """A secret whose variable the configuration names, from the environment or `.env`."""
        return os.environ.get(variable) or dotenv_values(".env").get(variable) or ""

    @property
    def api_url(self) -> str:
        """Slack's Web API, with the slash that its client wants."""
        return (self.slack_api_url or SLACK_API) + "/"

    @property
    def slack_address(self) -> str:
        """Where links to a channel lead: to Slack, unless the API is that of one on this machine.

        Elsewhere an API that isn't Slack's own is a proxy of it, which has no pages.
        """
        at = urlsplit(self.api_url)
        return f"{at.scheme}://{at.netloc}" if at.hostname in _HERE else "https://slack.com"

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached by a socket instead of reaching us."""
        return bool(self.slack_app_token.get_secret_value())

    @property
    def public_url(self) -> str:
        """Where others reach us."""
        return (self.warroom_public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings() -> Settings:
    """The settings; UsageError names every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{str(problem['loc'][0]).upper()}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        ]
        raise UsageError("\n".join(lines)) from error


def require_slack(settings: Settings) -> None:
    """UsageError where what Slack needs is missing."""
    needed = {"SLACK_BOT_TOKEN": settings.slack_bot_token}
    if not settings.socket_mode:
        needed["SLACK_SIGNING_SECRET"] = settings.slack_signing_secret
    missing = [name for name, value in needed.items() if not value.get_secret_value()]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} not set. Copy .env.example to .env and fill it in, "
            "or try `warroom demo`, which needs no Slack."
        )
