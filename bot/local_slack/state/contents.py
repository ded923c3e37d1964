"""What kind of file it is, from its name and its first bytes.

Rules
- An image that browsers show is one only by its bytes: a name alone makes none.
- The tables are Python's own, not the machine's: the answer is the same everywhere.
"""

import mimetypes
from pathlib import PurePosixPath

BINARY, TEXT = "application/octet-stream", "text/plain"
_KINDS = mimetypes.MimeTypes()
_SHOWN = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_FILETYPES = {
    "image/jpeg": "jpg",
    "htm": "html",
    "md": "markdown",
    "py": "python",
    "txt": "text",
    "yml": "yaml",
}
_WEBP = (b"RIFF", b"WEBP")


def mimetype_of(name: str, content: bytes) -> str:
    """The MIME type."""
    for kind, beginnings in _SHOWN.items():
        if content.startswith(beginnings):
            return kind
    if (content[:4], content[8:12]) == _WEBP:
        return "image/webp"
    guessed, encoding = _KINDS.guess_type(f"file{PurePosixPath(name).suffix.lower()}")
    if guessed is not None and encoding is None and guessed not in {*_SHOWN, "image/webp"}:
        return guessed
    return TEXT if _is_text(content) else BINARY


def filetype_of(name: str, mimetype: str) -> str:
    """Slack's short name of the type: `png`, `pdf`, `text`, …."""
    if mimetype in _FILETYPES:
        return _FILETYPES[mimetype]
    if mimetype.startswith("image/"):
        return mimetype.removeprefix("image/").partition("+")[0]
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    if ending:
        return _FILETYPES.get(ending, ending)
    return "text" if mimetype == TEXT else "binary"


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
