#!/usr/bin/env python3
"""Checks an export of a war room's log, or a mailed proof, without any of the bot's code.

    python3 verify.py EXPORT [--key VKEY]... [--since CHECKPOINT]
    python3 verify.py decision.tlog-proof --key VKEY

It needs Python 3.11 and `cryptography`; export.md says what it reads. Exit codes: 0 sound, 1 not,
2 usage. Of the rules it checks two: a second decision, and one by who made the change.
"""

# fmt: off
import argparse
import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Seen = tuple[str, int, bytes]  # of a checkpoint: origin, size, root
Rooms = dict[str, tuple[set[str], list[int]]]  # who made the change, and where it was decided
Kinds = dict[Any, tuple[set[str], dict[str, Any]]]  # of events: what is opened, and what isn't
Keys = dict[tuple[str, str], tuple[int, bytes]]  # name and id: type and public key
ORDER = ["export", "key", "document", "leaf", "checkpoint", "end"]
LOG, WITNESS, ERASED = 1, 4, "what isn't there was erased on"
NUMBER, SALT = re.compile(r"\.\d+\b"), re.compile("[0-9a-f]{32}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
WRONG = (ValueError, LookupError, TypeError, AttributeError, RecursionError, InvalidSignature)
found: list[str] = []
def fault(place: object, kind: str, what: object) -> None:
    found.append(kind)
    print(f"{place}: {kind}: {what}")
def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
def unb64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if b64(data) != text:
        raise ValueError("base64 with bits that mean nothing")
    return data
def canonical(value: object) -> bytes:  # RFC 8785, for text and whole numbers under ASCII keys
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
class Tree:  # of RFC 6962: the hashes of all its complete subtrees, level by level
    def __init__(self) -> None:
        self.size, self.levels = 0, [bytearray() for _ in range(64)]
    def append(self, leaf: bytes) -> None:
        top, place, level = sha(b"\0", leaf), self.size, 0
        self.levels[0] += top
        while place % 2:
            top = sha(b"\1", bytes(self.levels[level][place * 32 - 32 : place * 32]), top)
            place, level = place // 2, level + 1
            self.levels[level] += top
        self.size += 1
    def root(self, end: int, start: int = 0) -> bytes:
        width = end - start
        if width & (width - 1) == 0:
            row, place = self.levels[width.bit_length() - 1], start // max(width, 1) * 32
            return bytes(row[place : place + 32]) if width else sha()
        middle = start + (1 << width.bit_length() - 1)
        return sha(b"\1", self.root(middle, start), self.root(end, middle))
def climbed(index: int, size: int, top: bytes, path: list[bytes]) -> bytes:
    if size == 1:
        return top
    half, step = 1 << (size - 1).bit_length() - 1, path.pop()
    if index < half:
        return sha(b"\1", climbed(index, half, top, path), step)
    return sha(b"\1", step, climbed(index - half, size - half, top, path))
def read_key(text: str) -> tuple[tuple[str, str], tuple[int, bytes]]:
    name, digits, encoded = text.split("+", 2)
    data = unb64(encoded)
    own = sha(name.encode(), b"\n", data)[:4].hex()
    if data[0] not in (LOG, WITNESS) or len(data) != 33 or own != digits:
        raise ValueError("a key is Ed25519, of type 01 or 04, under an id of its own")
    return (name, digits), (data[0], data[1:])
def signers(text: str, lines: list[str], keys: Keys, strict: bool) -> set[int]:  # types of keys
    kinds = set()
    for line in lines:
        dash, name, encoded = line.split(" ")
        data, message = unb64(encoded), text.encode()
        (kind, public), signature = keys.get((name, data[:4].hex()), (0, b"")), data[4:]
        if dash != "\N{EM DASH}" or (strict and not (kind and lines.count(line) == 1)):
            raise ValueError(f"a signature by {name}, whose key is not known, or twice")
        if kind == WITNESS:
            at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {at}\n".encode() + message
        if kind:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        kinds.add(kind)
    return kinds
def signed_text(note: str, keys: Keys, strict: bool) -> str:
    text, blank, below = note.rpartition("\n\n")
    lines = below[:-1].split("\n")
    if not (blank and below[-1:] == "\n" and LOG in signers(f"{text}\n", lines, keys, strict)):
        raise ValueError("no note that a key of the log has signed")
    return f"{text}\n"
def read_checkpoint(note: str, keys: Keys, strict: bool = False) -> Seen:
    origin, size, root, rest = signed_text(note, keys, strict).split("\n")
    if rest or str(int(size)) != size or not any(name == origin for name, _ in keys):
        raise ValueError("a checkpoint is three lines, signed under its origin's name")
    return origin, int(size), unb64(root)
def commitments(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value.startswith("sha256:"):
        yield path, value
    if isinstance(value, dict | list):
        names: Any = value if isinstance(value, dict) else range(len(value))
        for name in names:
            yield from commitments(value[name], f"{path}.{name}" if path else name)
def committed(salt: str, text: str) -> str:
    json.loads(text)
    return f"sha256:{sha(bytes.fromhex(salt), text.encode()).hex()}"
def check_values(place: Any, leaf: Any, payload: Any, opened: Any, kinds: Kinds, why: str) -> None:
    there = dict(commitments(payload))
    for path, value in opened.items():
        if path == "erased" and TIME.fullmatch(value):
            print(f"{place}: {why} {value}")
        elif not SALT.fullmatch(value[0]) or there.get(path) != committed(*value):
            fault(place, "commitment", f"{path!r} is not the value that was committed to")
    own = {".".join(map(str, ["event", *keys])) for keys in payload.get("unread", ())}
    kind = kinds.setdefault((leaf["stream"]["kind"], leaf["kind"], leaf["schema"]), (set(), {}))
    kind[0].update(NUMBER.sub(".0", path) for path in opened.keys() - own)
    gone: Any = () if "erased" in opened else there.keys() - opened.keys()
    kind[1].update((NUMBER.sub(".0", path), (place, path)) for path in gone)
def check_missing(kinds: Kinds) -> None:  # other digests, as a policy's, are opened nowhere
    for opened, gone in kinds.values():
        for like, (place, path) in gone.items():
            if like in opened or like.startswith(("people.", "account")):
                fault(place, "commitment", f"{path} is missing, and isn't said to be erased")
def check_rules(place: int, leaf: Any, event: Any, last: dict[Any, int], rooms: Rooms) -> None:
    stream = (leaf["stream"]["kind"], leaf["stream"]["id"])
    if leaf["seq"] != last.get(stream, 0) + 1:
        fault(place, "sequence", f"event {leaf['seq']} of {stream} has no place there")
    last[stream] = leaf["seq"]
    if stream[0] != "war_room":
        return
    makers, decided = rooms.setdefault(stream[1], (set(), []))
    makers.update(name for maker in event.get("makers", ()) for name in maker["names"])
    makers.update(event.get("names", ()) if leaf["kind"] == "identified" else ())
    if leaf["kind"] == "split":  # only who is behind what is left
        left = (maker for made in event["contents"]["made_by"] for maker in made["makers"])
        makers.intersection_update([name for maker in left for name in maker["names"]])
    if leaf["kind"] == "decided":
        if decided:
            fault(place, "second-decision", f"{stream} was decided in line {decided[0]}")
        by = {event["decision"]["by"], leaf["actor"]}
        if by & makers and event["decision"]["outcome"] != "withdrawn":
            fault(place, "own-violation", f"{min(by)} made the change in {stream}")
        decided.append(place)
def check_root(place: object, kind: str, seen: Seen, origin: Any, tree: Tree) -> None:
    if seen[0] != origin or seen[1] > tree.size or tree.root(seen[1]) != seen[2]:
        fault(place, kind, f"the leaves don't give the root of {seen[1]} leaves of {seen[0]}")
def check_export(lines: Iterable[bytes], given: Keys, since: str | None) -> str:
    tree, named, last, rooms, kinds = Tree(), dict(given), dict[Any, int](), Rooms(), Kinds()
    digest, order, newest, place, keys = hashlib.sha256(), -1, None, 0, given or named
    head = dict[str, Any]()
    for place, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
            kind = next(name for name in [*ORDER, ""] if name in value or not name)
            if not kind or canonical(value) + b"\n" != line:
                raise ValueError("no canonical JSON of a known kind")
            before, order = order, ORDER.index(kind)
            if order < before or (order == before and kind in ("export", "end")):
                fault(place, "order", f"a line of the kind {kind} doesn't stand here")
            if kind == "export":
                head = value
            elif kind == "key":
                named |= [read_key(value[kind])]  # a retired key signs checkpoints of before
            elif kind == "document":
                if f"sha256:{sha(value[kind][kind].encode()).hex()}" != value[kind]["digest"]:
                    fault(place, "document", f"{value[kind]['name']} has another digest")
            elif kind == "leaf":
                tree.append(canonical(value[kind]))
                payload = json.loads(value[kind]["payload"])
                check_values(place, value[kind], payload, value.get("personal", {}), kinds, ERASED)
                check_rules(place, value[kind], payload["event"], last, rooms)
            elif kind == "checkpoint":
                known = keys if f"\n{head['size']}\n" in value[kind] else named
                newest = read_checkpoint(value[kind], known, not given)
                check_root(place, "root", newest, head["origin"], tree)
                signers(signed_text(value[kind], known, False), value["cosignatures"], keys, False)
            elif kind == "end":
                text = f"{head['origin']}/export\n{place - 1}\n{b64(digest.digest())}\n"
                signed_text(value[kind], named, True)
                if signed_text(value[kind], keys, False) != text:
                    fault(place, "bytes", "the log has signed other lines than these")
        except WRONG as error:
            fault(place, "line", repr(error))
        digest.update(line)
    check_missing(kinds)
    if order != ORDER.index("end") or newest is None or newest[1] != tree.size:
        fault(place, "order", "the end is missing, or a checkpoint of all leaves")
    if (head.get("size"), head.get("root")) != (tree.size, b64(tree.root(tree.size))):
        fault(1, "head", "the leaves give another size or root")
    if since:
        check_root("since", "consistency", read_checkpoint(since, named), head.get("origin"), tree)
    return f"{tree.size} leaves, root {b64(tree.root(tree.size))}"
def check_proof(proof: str, keys: Keys) -> str:
    above, _, note = proof.partition("\n\n")
    header, extra, number, *lines = above.split("\n")
    index, path = int(number.removeprefix("index ")), [unb64(line) for line in lines]
    origin, size, root = read_checkpoint(note, keys)
    value = json.loads(unb64(extra.removeprefix("extra ")))
    if header != "c2sp.org/tlog-proof@v1" or not 0 <= index < size:
        raise ValueError("no proof of a leaf in its checkpoint")
    if climbed(index, size, sha(b"\0", canonical(value["leaf"])), path) != root or path:
        fault(index, "root", "the proof doesn't lead to the checkpoint's root")
    kinds, leaf, opened = Kinds(), value["leaf"], value.get("personal", {})
    why = "not shown; whoever mailed it says it was erased on"  # which nobody has signed
    check_values(index, leaf, json.loads(leaf["payload"]), opened, kinds, why)
    check_missing(kinds)
    for name in () if found else sorted(opened.keys() - {"erased"}):
        print(f"{name}: {opened[name][1]!r}")
    return f"leaf {index} of {size} of {origin}: {leaf['kind']} at {leaf['at']} in {leaf['stream']}"

def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an export, or a proof with its leaf.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a key that you have")
    parser.add_argument("--since", type=Path, help="a checkpoint that you kept")
    asked = parser.parse_args()
    try:
        keys = dict(map(read_key, asked.key))
        since = asked.since.read_text(encoding="utf-8") if asked.since else None
        with asked.file.open("rb") as file:
            start = file.read(4)
        if start == b"c2sp" and not keys:
            raise ValueError("a proof has no key within it: name the log's with --key")
    except (OSError, *WRONG) as error:
        parser.error(str(error))
    try:
        with (gzip.open if start[:2] == b"\x1f\x8b" else open)(asked.file, "rb") as lines:
            proof = lines.read().decode() if start == b"c2sp" else None
            said = check_proof(proof, keys) if proof else check_export(lines, keys, since)
    except (OSError, EOFError, zlib.error, *WRONG) as error:
        fault(asked.file, "line", repr(error))
        said = "the rest can't be checked"
    if not keys:
        print("Only the file's own keys were used: they show that one hand wrote it, not whose.")
    print(f"{len(found)} found; {said}" if found else f"Sound: {said}.")
    return 1 if found else 0
if __name__ == "__main__":
    raise SystemExit(main())
