#!/usr/bin/env python3
"""Checks an export of a war room's log, or a mailed proof, without any of the bot's code.

It needs Python 3.11 and `cryptography`; export.md says what it reads. Exit codes: 0 sound, 1 not,
2 usage. Of the rules it checks two: a second decision, and one by who made the change.
"""

# fmt: off
import argparse
import gzip
import hashlib
import json
import re
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Kinds = dict[Any, tuple[set[str], dict[str, Any]]]  # of events: what is opened, and what isn't
Keys = dict[tuple[str, str], tuple[int, bytes]]  # name and id: type and public key
ORDER = ["export", "key", "document", "leaf", "checkpoint", "end"]
NOTE = re.compile("(.+?\n\n(?:\N{EM DASH} [^\n]+\n)+)\n*", re.DOTALL)
LOG, WITNESS, SALT, NUMBER = 1, 4, re.compile("[0-9a-f]{32}"), re.compile(r"\.\d+\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
WRONG = (ValueError, LookupError, TypeError, AttributeError, RecursionError, InvalidSignature)
found, erased, recorded = list[str](), Counter[str](), Counter[str]()  # of how many events when
def fault(place: object, kind: str, what: object) -> None:
    found.append(kind)
    what = "a false signature" if isinstance(what, InvalidSignature) else what
    print(f"{place}: {kind}: {what}")
def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
def unb64(text: str) -> bytes:
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
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
    inner = climbed(index % half, half if index < half else size - half, top, path)
    return sha(b"\1", inner, step) if index < half else sha(b"\1", step, inner)
def read_key(text: str) -> tuple[tuple[str, str], tuple[int, bytes]]:
    name, tag, encoded = [*text.split("+", 2), "", ""][:3]
    raw = unb64(encoded)
    if len(raw) != 33 or raw[0] not in b"\1\4" or sha(f"{name}\n".encode(), raw).hex()[:8] != tag:
        raise ValueError(f"{text[:40]!r} is no verifier key: name+id+base64, of type 01 or 04")
    return (name, tag), (raw[0], raw[1:])
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
    by = signers(f"{text}\n", below[:-1].split("\n"), keys, strict) if blank else ()
    if below[-1:] != "\n" or LOG not in by:
        raise ValueError("no note that a key of the log has signed")
    return f"{text}\n"
def read_checkpoint(note: str, keys: Keys, strict: bool = False) -> Any:  # origin, size, root
    origin, size, root, rest = signed_text(note, keys, strict).split("\n")
    if rest or str(int(size)) != size or not any(name == origin for name, _ in keys):
        raise ValueError("a checkpoint is three lines, signed under its origin's name")
    return origin, int(size), unb64(root)
def values(value: Any, path: Any = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from values(part, f"{path}.{name}" if path else name)
    else:
        yield path, value
def committed(salt: str, text: str) -> str:
    json.loads(text)
    return f"sha256:{sha(bytes.fromhex(salt), text.encode()).hex()}"
def check_values(place: Any, leaf: Any, payload: Any, opened: Any, kinds: Kinds) -> None:
    there = {path: each for path, each in values(payload) if str(each).startswith("sha256:")}
    for path, value in opened.items():
        if path == "erased" and TIME.fullmatch(value):
            erased[value] += 1
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
def check_rules(place: int, leaf: Any, event: Any, last: dict[Any, int], rooms: Any) -> None:
    stream = (leaf["stream"]["kind"], leaf["stream"]["id"])
    if leaf["seq"] != last.get(stream, 0) + 1:
        fault(place, "sequence", f"event {leaf['seq']} of {stream} has no place there")
    last[stream] = leaf["seq"]
    if stream[0] != "war_room":
        recorded[leaf["at"]] += max(0, event["events"]) if stream[0] == "erasure" else 0
        return
    makers, decided = rooms.setdefault(stream[1], (set(), []))
    makers.update(name for maker in event.get("makers", ()) for name in maker["names"])
    makers.add(event.get("initiator"))  # in the first form, where there was one of them at most
    if leaf["kind"] == "identified":
        makers.update([*event.get("names", ()), event.get("person")])
    if leaf["kind"] == "split":  # only who is behind what is left
        there = event["contents"]
        left = (maker for made in there.get("made_by", ()) for maker in made["makers"])
        makers &= {*there.get("made", ()), *(name for maker in left for name in maker["names"])}
    if leaf["kind"] == "decided":
        if decided:
            fault(place, "second-decision", f"{stream} was decided in line {decided[0]}")
        by = {event["decision"]["by"], leaf["actor"]}
        if by & makers and event["decision"]["outcome"] != "withdrawn":
            fault(place, "own-violation", f"{min(by)} made the change in {stream}")
        decided.append(place)
def check_root(place: object, kind: str, seen: Any, origin: Any, tree: Tree) -> None:
    if seen[0] != origin or seen[1] > tree.size or tree.root(seen[1]) != seen[2]:
        fault(place, kind, f"the leaves don't give the root of {seen[1]} leaves of {seen[0]}")
def check_export(lines: Iterable[bytes], given: Keys, since: list[str]) -> str:
    tree, named, kinds = Tree(), dict(given), Kinds()
    over, order, newest, place, keys = hashlib.sha256(), -1, None, 0, given or named
    head, last, rooms = dict[str, Any](), dict[Any, int](), dict[str, Any]()
    for place, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
            kind = next(name for name in [*ORDER, ""] if name in value or not name)
            if not kind or canonical(value) + b"\n" != line:
                raise ValueError("no canonical JSON of a known kind")
            before, order = order, ORDER.index(kind)
            if order < before or (order == before and kind in ("export", "end")):
                fault(place, "order", f"a line of the kind {kind} doesn't stand here")
            head = value if kind == "export" else head
            if kind == "key":
                named |= [read_key(value[kind])]  # a retired key signs checkpoints of before
            elif kind == "document":
                if f"sha256:{sha(value[kind][kind].encode()).hex()}" != value[kind]["digest"]:
                    fault(place, "document", f"{value[kind]['name']} has another digest")
            elif kind == "leaf":
                tree.append(canonical(value[kind]))
                payload = json.loads(value[kind]["payload"])
                check_values(place, value[kind], payload, value.get("personal", {}), kinds)
                check_rules(place, value[kind], payload["event"], last, rooms)
            elif kind == "checkpoint":
                known = keys if f"\n{head['size']}\n" in value[kind] else named
                newest = read_checkpoint(value[kind], known, not given)
                check_root(place, "root", newest, head["origin"], tree)
                signers(signed_text(value[kind], known, False), value["cosignatures"], keys, False)
            elif kind == "end":
                own = f"{head['origin']}/export\n{place - 1}\n{b64encode(over.digest()).decode()}\n"
                signed_text(value[kind], named, True)
                if signed_text(value[kind], keys, False) != own:
                    fault(place, "bytes", "the log has signed other lines than these")
        except WRONG as error:
            fault(place, "line", error)
        over.update(line)
    check_missing(kinds)
    if order != ORDER.index("end") or newest is None or newest[1] != tree.size:
        fault(place, "order", "the end is missing, or a checkpoint of all leaves")
    if head.get("size") != tree.size or unb64(head.get("root", "")) != tree.root(tree.size):
        fault(1, "head", "the leaves give another size or root")
    for at, count in erased.items():
        if count > recorded[at]:
            fault(at, "commitment", f"on record is an erasure of {recorded[at]} events then")
    for note in since:
        try:
            check_root("since", "consistency", read_checkpoint(note, named), head["origin"], tree)
        except WRONG as error:
            fault("since", "signature", error)
    return f"{tree.size} leaves, root {b64encode(tree.root(tree.size)).decode()}"
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
    check_values(index, leaf, json.loads(leaf["payload"]), opened, kinds)
    check_missing(kinds)
    for name, shown in () if found else values(json.loads(leaf["payload"])):
        print(f"{name}: {opened[name][1] if name in opened else json.dumps(shown)}")
    return f"leaf {index} of {origin}: {leaf['kind']} at {leaf['at']} in {leaf['stream']['id']}"
def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an export, or a proof with its leaf.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a key that you have")
    parser.add_argument("--since", type=Path, help="a checkpoint that you kept")
    asked = parser.parse_args()
    try:
        keys = dict(map(read_key, asked.key))
        since = NOTE.findall(asked.since.read_text(encoding="utf-8")) or [""] if asked.since else []
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
        fault(asked.file, "line", error)
        said = "the rest can't be checked"
    for at, count in sorted(erased.items()):
        print(f"Values of {count} events were erased on {at}, as the file says.")
    if not keys:
        print("Only the file's own keys were used: they show that one hand wrote it, not whose.")
    print(f"{len(found)} found; {said}" if found else f"Sound: {said}.")
    return 1 if found else 0
if __name__ == "__main__":
    raise SystemExit(main())
