"""The bot takes more connections than a shell lets it begin with: a thousand webhooks may wait."""

import os
import resource
import socket
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.staging.environment import ROOT, variables
from tests.staging.processes import free_port

LIMIT, MORE = 64, 100


def test_connections_are_as_many_as_the_system_allows_not_as_a_shell_begins_with(
    tmp_path: Path,
) -> None:
    port = free_port()
    told = variables("http://127.0.0.1:1/api/", f"sqlite:///{tmp_path}/warroom.db", PORT=port)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | told,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, (LIMIT, most)),  # noqa: PLW1509 - nothing else runs here
    ) as bot, ExitStack() as held:  # fmt: skip
        try:
            assert bot.stderr
            assert "warroom.started" in bot.stderr.readline()
            for _ in range(MORE):
                held.enter_context(socket.create_connection(("127.0.0.1", port)))
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                assert answer.status == 200
        finally:
            bot.kill()
