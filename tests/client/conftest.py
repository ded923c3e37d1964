"""A place that takes violations and keeps them, as a pipeline sees the bot."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from tests.scenarios.conftest import local_slack, people, stage
from tests.staging.environment import variables

__all__ = ["local_slack", "people", "stage"]

ANSWER = {"violation_id": "v1", "room_id": "r1", "expires_at": "2026-11-20T13:12:00+00:00"}
Warroom = Callable[..., Result]


class Receiver:
    """Keeps the body and the headers of all that was sent to it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.at: list[float] = []  # when each came
        self.url = ""
        self.later: list[str] = []  # what the next ones are told in `Retry-After`

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of the one violation that was sent."""
        (body,) = self.bodies
        return dict(json.loads(body)["facts"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.headers.append({name.lower(): value for name, value in self.headers.items()})
            kept.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            kept.at.append(time.monotonic())
            later = kept.later.pop(0) if kept.later else None
            content = json.dumps(ANSWER if later is None else {"message": "busy"}).encode()
            self.send_response(202 if later is None else 503)
            if later is not None:
                self.send_header("retry-after", later)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """A test's output is its own."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def warroom(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Warroom:
    """The command line in an empty folder; the bot is the receiver."""
    monkeypatch.chdir(tmp_path)
    for name, value in variables("http://127.0.0.1:1/api/", "sqlite:///warroom.db").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WARROOM_PUBLIC_URL", receiver.url)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return run
