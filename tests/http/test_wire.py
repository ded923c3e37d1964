"""What comes over the wire and is no request that anybody sends: answered at once, never a 5xx."""

import asyncio
import hmac
import json
import time
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from bot.engine.cases import cases
from bot.http.server import listening, serving
from bot.measures.figures import figures
from bot.signatures import sign
from tests.staging.environment import SECRET, TOKEN
from tests.staging.pipeline import body
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database

KIB = 1024
QUICK = 10.0  # seconds, on a busy machine; what costs the square of its length takes minutes


async def _raw(stage: Stage, *parts: bytes, end: bool = False) -> bytes:
    """Send `parts` as they are; what is answered until the connection or the answer ends."""
    place = urlsplit(stage.here.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        async with asyncio.timeout(10):
            for part in parts:
                writer.write(part)
                await writer.drain()
            if end:
                writer.write_eof()
            return await reader.read(4096)
    except ConnectionError:  # cut while we were still sending: an answer too
        return b""
    finally:
        writer.close()


def _head(*lines: str, path: str = "/webhooks/violations") -> bytes:
    given = [f"POST {path} HTTP/1.1", "Host: warroom", "Content-Type: application/json", *lines]
    return "\r\n".join([*given, "", ""]).encode("latin-1")


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


async def test_a_declared_size_over_the_limit_is_refused_before_a_byte_of_it(stage: Stage) -> None:
    for size in ("262145", "9" * 18, "0" * 10 + "262145"):
        answer = await _raw(stage, _head(f"Content-Length: {size}"))
        assert _status(answer) == 413


async def test_a_size_that_is_a_lie_does_no_harm(stage: Stage) -> None:
    content = body()
    short = await _raw(stage, _head(f"Content-Length: {len(content) - 5}"), content)
    assert _status(short) in (400, 401)  # what is counted is not signed
    long = await _raw(stage, _head(f"Content-Length: {len(content) + 50}"), content, end=True)
    assert not long or _status(long) in (400, 401)
    for odd in ("-1", "1e3", "x", "1, 2", "9" * 40):
        assert _status(await _raw(stage, _head(f"Content-Length: {odd}"), content)) == 400
    both = _head("Content-Length: 5", "Transfer-Encoding: chunked")
    assert _status(await _raw(stage, both, b"5\r\nhello\r\n0\r\n\r\n")) == 400
    assert (await stage.web.get("/healthz")).status_code == 200


async def test_chunks_without_an_end_are_refused_at_the_limit(stage: Stage) -> None:
    chunk = b"%x\r\n" % (16 * KIB) + b"x" * 16 * KIB + b"\r\n"
    answer = await _raw(stage, _head("Transfer-Encoding: chunked"), *[chunk] * 40)
    assert not answer or _status(answer) == 413
    slack = _head("Transfer-Encoding: chunked", path="/slack/events")
    answer = await _raw(stage, slack, *[chunk] * 400)
    assert not answer or _status(answer) == 413


async def test_a_head_without_an_end_is_cut(stage: Stage) -> None:
    """One header of megabytes, or thousands of them: neither is gathered."""
    for part in (b"a" * 64 * KIB, b"A: b\r\n" * 10_000):
        sent = [b"POST /webhooks/violations HTTP/1.1\r\nX: ", *[part] * 200]
        answer = await _raw(stage, *sent)
        assert not answer or _status(answer) == 400
    large = _head(f"X: {'a' * 40 * KIB}", "Content-Length: 2")
    assert _status(await _raw(stage, large, b"{}")) == 401  # large, and no attack


async def test_line_ends_in_a_header_make_no_header(stage: Stage) -> None:
    for value in ("a\rb", "a\nX-Evil: 1", "a\0b"):
        answer = await _raw(stage, _head(f"webhook-id: {value}", "Content-Length: 0"))
        assert _status(answer) in (400, 401)
        assert b"evil" not in answer.lower()


BODIES = [
    (json.dumps({f"k{n}": n for n in range(10_000)}).encode(), 422),
    (body(facts={f"k{n}": n for n in range(10_000)}), 202),
    (b"{" + b",".join([b'"a":1'] * 40_000) + b"}", 400),
    (b"[" * 256 * KIB, 400),
    (b'{"a":' * 52_000, 400),
    (body(facts={"text": "<!here>" * 30_000}), 202),
    (body(title="<!here>" * 30_000), 422),
    (b'{"facts":{"n":' + b"9" * 250_000 + b"}}", 400),
    (b'{"facts":{"n":1e' + b"9" * 250_000 + b"}}", 400),
    (body(facts={"n": 10**4000}), 202),
    (body(origin={"pull_request": 10**4000}), 422),
    (body(policy="pii-fine-tunin" * 14), 422),
    (body(dedup_key="'; DROP TABLE rooms; --"), 202),
    (body(policy="pii\r\nX-Evil: 1"), 422),
    (body(origin={"run_url": "https://ci.test/\r\nX-Evil: 1"}), 422),
    (body().decode().encode("utf-16"), 400),
    (body()[:-1], 400),
]


async def test_a_signed_body_of_any_kind_is_answered_quickly(stage: Stage) -> None:
    for content, expected in BODIES:
        began = time.perf_counter()
        answer = await stage.post(content)
        assert answer.status_code == expected, (content[:40], answer.text)
        assert time.perf_counter() - began < QUICK, content[:40]
        assert "x-evil" not in answer.headers
        assert len(answer.content) < 20 * KIB


async def test_a_signature_stands_for_one_body_one_id_and_five_minutes(stage: Stage) -> None:
    content = body()
    now = int(stage.clock().timestamp())
    good = sign(SECRET, "msg_1", now, content)
    encoded = good.removeprefix("v1,")
    forged = [
        good.replace("v1,", "v1, "),
        good[:-1],  # truncated
        f"v1,{encoded.replace('+', '-').replace('/', '_')}=",  # another base64
        f"v1,{encoded.rstrip('=')}",
        f"v1,{encoded[:-2]}{chr(ord(encoded[-2]) + 1)}=",  # the same bytes, other padding bits
        f"v1,{encoded.encode().hex()}",
        good.upper(),
        "v1," * 9,
        " ".join([f"v1,{'A' * 43}="] * 33),
        " ".join([good] * 33),
    ]
    for signature in forged:
        answer = await _signed(stage, content, now, signature)
        assert answer == 401, signature
    reencoded = content.replace(b"ranker", b"\\u0072anker", 1)
    assert json.loads(reencoded) == json.loads(content)
    assert await _signed(stage, reencoded, now, good) == 401
    assert await _signed(stage, content, now + 1, good) == 401
    assert stage.app.engine.store.open_rooms() == []
    assert await _signed(stage, content, now, f"v1,{'A' * 43}= {good}") == 202
    assert await _signed(stage, content, now, good) == 202  # repeated: the same delivery
    assert figures(cases(stage.app.engine.store, stage.app.engine.now())).n == 1


async def test_of_headers_that_come_twice_the_first_counts_everywhere(stage: Stage) -> None:
    """What was verified is what is taken: no other id comes in behind a signed one."""
    content, now = body(), int(stage.clock().timestamp())
    good, bad = sign(SECRET, "msg_1", now, content), f"v1,{'A' * 43}="
    size, stamp = f"Content-Length: {len(content)}", f"webhook-timestamp: {now}"

    async def send(*lines: str) -> int:
        return _status(await _raw(stage, _head(size, stamp, *lines), content))

    ids, signed = ("webhook-id: msg_1", "webhook-id: msg_2"), f"webhook-signature: {good}"
    assert await send(*reversed(ids), signed) == 401
    assert await send(ids[0], f"webhook-signature: {bad}", signed) == 401
    assert await send(*ids, signed) == 202
    assert await send(ids[0], signed, f"webhook-signature: {bad}") == 202
    assert figures(cases(stage.app.engine.store, stage.app.engine.now())).n == 1


async def test_what_slack_did_not_sign_is_not_read_where_it_is_large(stage: Stage) -> None:
    wide = json.dumps({"type": "block_actions", "x": [[]] * 900_000}).encode()
    began = time.perf_counter()
    forged = await _slack(stage, wide, "v0=" + "0" * 64)
    assert forged == 401
    assert time.perf_counter() - began < QUICK / 4
    stamp = str(int(time.time()))
    assert await _slack(stage, wide, _slack_signature(stage, wide, stamp), stamp) == 400


async def _slack(stage: Stage, content: bytes, signature: str, stamp: str = "1") -> int:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    headers["Content-Type"] = "application/json"
    return (await stage.web.post("/slack/events", content=content, headers=headers)).status_code


def _slack_signature(stage: Stage, content: bytes, stamp: str) -> str:
    secret = stage.slack.config.signing_secret.encode()
    return "v0=" + hmac.new(secret, f"v0:{stamp}:".encode() + content, "sha256").hexdigest()


async def _signed(stage: Stage, content: bytes, timestamp: int, signature: str) -> int:
    headers = {
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    answer = await stage.web.post("/webhooks/violations", content=content, headers=headers)
    return answer.status_code


async def test_a_connection_that_stood_still_for_a_minute_is_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a load balancer does, whose request would be lost where we end it just then."""

    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    listener, _ = listening("127.0.0.1", 0, "PORT")
    server = serving(nothing)
    ended = asyncio.create_task(server.serve([listener]))
    reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
    loop = asyncio.get_running_loop()
    now = loop.time
    for ahead in (0, 60):
        monkeypatch.setattr(loop, "time", lambda ahead=ahead: now() + ahead)
        await asyncio.sleep(0)
        writer.write(b"GET / HTTP/1.1\r\nHost: warroom\r\n\r\n")
        assert _status(await reader.readuntil(b"\r\n\r\n")) == 204
    writer.close()
    server.should_exit = True
    await ended


async def test_what_is_asked_for_by_head_is_not_waited_for(stage: Stage) -> None:
    answer = await stage.web.head("/gate/some?wait=5", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 405
