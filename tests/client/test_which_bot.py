"""Which bot a pipeline asks, and who is shown its token."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.client import main

PENDING = {
    "verdict": "pending", "violation_id": "v1", "room_id": None, "room_url": None,
    "expires_at": None, "reason": None,
}  # fmt: skip
Asked = list[tuple[str, str]]


@contextmanager
def _bot(asked: Asked, leads_to: str | None = None) -> Iterator[str]:
    """A place that answers as the gate does, or leads elsewhere; `asked` has who asked for what."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["authorization"]))
            content = json.dumps(PENDING).encode()
            self.send_response(302 if leads_to else 200)
            if leads_to:
                self.send_header("location", f"{leads_to}{self.path}")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """A test's output is its own."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def asked() -> Asked:
    return []


@pytest.fixture
def ours(asked: Asked) -> Iterator[str]:
    with _bot(asked) as url:
        yield url


@pytest.fixture
def theirs() -> Iterator[str]:
    """What a tree that is checked would like to be judged by."""
    never: Asked = []
    with _bot(never) as url:
        yield url
    assert never == [], "somebody else was asked"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    for name in ("WARROOM_GATE_TOKEN", "WARROOM_API_TOKEN", "WARROOM_PUBLIC_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, env_file: str = "", **variables: str) -> Result:
        Path(".env").write_text(env_file)
        return CliRunner().invoke(main, ("gate", "v1", "--no-wait", *words), env=variables)

    return run


def test_token_and_address_of_the_environment(
    gate: Callable[..., Result], asked: Asked, ours: str, theirs: str
) -> None:
    done = gate(
        env_file=f"WARROOM_PUBLIC_URL={theirs}\nWARROOM_GATE_TOKEN=other\n",
        WARROOM_GATE_TOKEN="ours", WARROOM_PUBLIC_URL=f"{ours}/",
    )  # fmt: skip
    assert done.exit_code == 4, done.output
    assert asked == [("/gate/v1?wait=0", "Bearer ours")]


@pytest.mark.parametrize("variable", ["WARROOM_GATE_TOKEN", "WARROOM_API_TOKEN"])
def test_a_token_of_the_environment_is_shown_to_no_address_of_the_tree(
    gate: Callable[..., Result], theirs: str, variable: str
) -> None:
    done = gate(env_file=f"WARROOM_PUBLIC_URL={theirs}\n", **{variable: "ours"})
    assert done.exit_code == 2
    assert (
        "WARROOM_PUBLIC_URL is not set: need the bot's address from the environment" in done.stderr
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"WARROOM_GATE_TOKEN": ""},
        {"WARROOM_PUBLIC_URL": "https://warroom.acme.test"},
        {"GITHUB_ACTIONS": "true"},
        {"GITLAB_CI": "true"},
        {"JENKINS_URL": "https://ci.acme.test"},
        {"CI": "true"},
        {"TF_BUILD": "True"},
    ],
    ids=str,
)
def test_a_tree_names_no_bot_where_a_ci_gives_no_token(
    gate: Callable[..., Result], theirs: str, variables: dict[str, str]
) -> None:
    """As where a fork's pull request gets no secrets: the fork's own bot would allow it all."""
    mine = f"WARROOM_PUBLIC_URL={theirs}\nWARROOM_GATE_TOKEN=mine\n"
    done = gate(env_file=mine, **variables)
    assert (done.exit_code, "WARROOM_GATE_TOKEN is not set" in done.stderr) == (2, True)


def test_at_hand_all_stands_in_env(gate: Callable[..., Result], asked: Asked, ours: str) -> None:
    """The first of several tokens, without its name, and where the bot listens."""
    host, port = ours.removeprefix("http://").split(":")
    tokens = "WARROOM_GATE_TOKEN=export-ci=first second\nWARROOM_API_TOKEN=all\n"
    assert gate(env_file=f"{tokens}WARROOM_PUBLIC_URL={ours}\n").exit_code == 4
    assert gate(env_file=f"WARROOM_API_TOKEN=all\nHOST={host}\nPORT={port}\n").exit_code == 4
    assert [token for _, token in asked] == ["Bearer first", "Bearer all"]


def test_nothing_of_the_environment_is_put_into_env(
    gate: Callable[..., Result], asked: Asked, ours: str
) -> None:
    given = f"WARROOM_PUBLIC_URL={ours}\nWARROOM_GATE_TOKEN=${{CLOUD_SECRET}}\n"
    assert gate(env_file=given, CLOUD_SECRET="hidden").exit_code == 4
    assert asked == [("/gate/v1?wait=0", "Bearer ${CLOUD_SECRET}")]


def test_a_token_is_not_carried_to_where_an_answer_leads(
    gate: Callable[..., Result], asked: Asked, theirs: str
) -> None:
    with _bot(asked, leads_to=theirs) as ours:
        done = gate(WARROOM_GATE_TOKEN="ours", WARROOM_PUBLIC_URL=ours)
    assert (done.exit_code, len(asked)) == (2, 1)
    assert "leads elsewhere (302), need the address itself" in done.stderr


@pytest.mark.parametrize("secret", ["hid\nden", "hidden\u2019"])
def test_a_token_that_is_none_is_not_repeated(gate: Callable[..., Result], secret: str) -> None:
    done = gate("--url", "http://127.0.0.1:1", WARROOM_API_TOKEN=secret)
    assert done.exit_code == 2
    assert done.stderr == "warroom: WARROOM_API_TOKEN: need printable ASCII characters alone\n"


@pytest.mark.parametrize("url", ["127.0.0.1:1", "file:///etc/passwd", "http://a b/", "ftp://x"])
def test_what_is_no_address_is_said(gate: Callable[..., Result], url: str) -> None:
    done = gate("--url", url, WARROOM_GATE_TOKEN="ours")
    assert (done.exit_code, "is no address" in done.stderr) == (2, True)
