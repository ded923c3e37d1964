"""A call shows its token to the address that was named, and to nobody else."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.client.call import call
from bot.errors import UsageError
from tests.client.conftest import Receiver


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("location", receiver.url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """A test's output is its own."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/gate"
        with pytest.raises(UsageError, match="leads elsewhere"):
            call("POST", url, body=b"{}", headers={"Authorization": "Bearer gate"})
        thread.join()
    assert receiver.headers == []
