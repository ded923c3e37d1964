"""How a service signs what it delivers: HMAC-SHA256, in a form of the service's own."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """The form of a service's signatures.

    `header` carries `prefix` and the digest in hexadecimal. `timestamp_header`, where there is one,
    carries the Unix time, and `signed` says what is signed of that time and the body.
    """

    header: str
    prefix: str
    timestamp_header: str | None = None
    signed: Callable[[str, bytes], bytes] = lambda _, body: body

    def headers(self, secret: str, body: bytes, now: float) -> dict[str, str]:
        """The headers that sign this body at this Unix time."""
        timestamp = str(int(now))
        digest = hmac.new(secret.encode(), self.signed(timestamp, body), hashlib.sha256).hexdigest()
        stamp = {self.timestamp_header: timestamp} if self.timestamp_header else {}
        return {**stamp, self.header: f"{self.prefix}{digest}"}
