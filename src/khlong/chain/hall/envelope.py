"""The two files that travel: what a city takes to a hall, and what the hall brings home.

Each begins with one readable line (which file, of which hall) and goes on with an age file. The packed city is
locked with a passphrase. What comes home is locked to the key that was packed with the city and sealed with an
HMAC under it, so that nobody else can read, forge or change it. Within stands JSON, compressed, and behind it the bytes
of files, each called by its SHA-256.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khlong.record.errors import Refused

FORMAT = 2
"""1 held no files."""
PACKED, CLOSED = "khlong-hall-pack", "khlong-hall-changes"
MOST_BYTES = 200_000_000
"""More than this is no city taken to a hall, packed or unpacked; its files are counted by themselves."""
SEAL = 32
LENGTH = 8
Parts = Mapping[str, bytes]
"""Bytes of files by their SHA-256."""

NOT_OURS = _("This is not a file of a hall. Choose the file that  ./khlong hall close  wrote.")
NOT_A_PACK = _("This is not a packed city. Choose the file that  ./khlong hall pack  wrote.")
NEWER_FORMAT = _("The file was written by a newer Khlong. Update this one first.")
DAMAGED = _(
    "The file is damaged, or somebody changed it. Copy it again from the machine in the hall; nothing was taken."
)
WAITED_DAMAGED = _("The packed city was damaged while it waited here. Pack the city again.")
WRONG_PASSPHRASE = _("The passphrase does not open this file, or the file is damaged. Type it again.")


@dataclass(frozen=True)
class Label:
    """The readable first line of a file."""

    what: str
    format: int
    hall: UUID

    def line(self) -> bytes:
        return f"{self.what} {self.format} {self.hall}\n".encode()


@dataclass(frozen=True)
class Opened:
    """What was within a file: its label, plain data, the same packed as it is kept, and the bytes of files."""

    label: Label
    content: Any
    plain: bytes = field(repr=False)
    parts: Parts = field(repr=False, default_factory=dict)


def new_secret() -> str:
    """An age identity for one hall."""
    import pyrage

    return str(pyrage.x25519.Identity.generate())


def split(data: bytes, what: str) -> tuple[Label, bytes]:
    """The label of a file and its locked body. Raises Refused for another file or a newer format."""
    head, newline, _rest = data[:120].partition(b"\n")
    words = head.decode("ascii", errors="replace").split(" ")
    wrong = NOT_A_PACK if what == PACKED else NOT_OURS
    if not newline or len(words) != 3 or words[0] != what or not words[1].isdecimal():
        raise Refused(wrong)
    if int(words[1]) > FORMAT:
        raise Refused(NEWER_FORMAT)
    try:
        label = Label(what, int(words[1]), UUID(words[2]))
    except ValueError as error:
        raise Refused(wrong) from error
    return label, data[len(head) + 1 :]


def lock_pack(label: Label, content: Any, passphrase: str, parts: Parts | None = None) -> bytes:
    """A packed city as the bytes of its file."""
    import pyrage

    locked: bytes = pyrage.passphrase.encrypt(_body(content, parts or {}), passphrase)
    return label.line() + locked


def open_pack(data: bytes, passphrase: str) -> Opened:
    """A packed city. Raises Refused."""
    import pyrage

    label, body = split(data, PACKED)
    try:
        plain = pyrage.passphrase.decrypt(body, passphrase)
    except (pyrage.DecryptError, ValueError) as error:
        raise Refused(WRONG_PASSPHRASE) from error
    return opened(label, plain)


def lock_at_home(label: Label, content: Any, secret: str, parts: Parts) -> bytes:
    """A packed city as it waits on its own server for somebody to take it: locked to the hall's key."""
    import pyrage

    to = pyrage.x25519.Identity.from_str(secret).to_public()
    locked: bytes = pyrage.encrypt(_body(content, parts), [to])
    return label.line() + locked


def relock(data: bytes, secret: str, passphrase: str) -> bytes:
    """A packed city that waited on its server, locked with a passphrase instead. Raises Refused when it is damaged."""
    import pyrage

    label, body = split(data, PACKED)
    try:
        plain = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(secret)])
    except (pyrage.DecryptError, ValueError) as error:
        raise Refused(WAITED_DAMAGED) from error
    locked: bytes = pyrage.passphrase.encrypt(plain, passphrase)
    return label.line() + locked


def lock_changes(label: Label, content: Any, secret: str, parts: Parts | None = None) -> bytes:
    """What a hall brings home as the bytes of its file: sealed, then locked."""
    import pyrage

    identity = pyrage.x25519.Identity.from_str(secret)
    plain = _body(content, parts or {})
    locked: bytes = pyrage.encrypt(_seal(label, plain, secret) + plain, [identity.to_public()])
    return label.line() + locked


def open_changes(data: bytes, secret: str) -> Opened:
    """What a closed hall brings home. Raises Refused when it is not whole."""
    import pyrage

    label, body = split(data, CLOSED)
    try:
        sealed = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(secret)])
    except (pyrage.DecryptError, ValueError) as error:
        raise Refused(DAMAGED) from error
    seal, plain = sealed[:SEAL], sealed[SEAL:]
    if not hmac.compare_digest(seal, _seal(label, plain, secret)):
        raise Refused(DAMAGED)
    return opened(label, plain)


def _body(content: Any, parts: Parts) -> bytes:
    """The length of the packed data, the data with a list of the parts, and the parts one after the other."""
    sizes = [[digest, len(data)] for digest, data in parts.items()]
    plain = packed({**content, "parts": sizes})
    return len(plain).to_bytes(LENGTH, "big") + plain + b"".join(parts.values())


def opened(label: Label, body: bytes) -> Opened:
    """What an unlocked file holds. Raises Refused when a part is missing or is not what its digest says."""
    if label.format == 1:
        return Opened(label, unpacked(body), body)
    end = LENGTH + int.from_bytes(body[:LENGTH], "big")
    plain = body[LENGTH:end]
    content, parts = unpacked(plain), {}
    for digest, size in content.get("parts", ()):
        data, end = body[end : end + size], end + size
        if hashlib.sha256(data).hexdigest() != digest:
            raise Refused(DAMAGED)
        parts[digest] = data
    if end != len(body):
        raise Refused(DAMAGED)
    return Opened(label, content, plain, parts)


def _seal(label: Label, plain: bytes, secret: str) -> bytes:
    key = hmac.digest(secret.encode(), b"khlong hall changes", "sha256")
    return hmac.digest(key, label.line() + plain, hashlib.sha256().name)


def packed(content: Any) -> bytes:
    """Plain data as it travels and is kept: JSON, compressed."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), mtime=0)


def unpacked(plain: bytes) -> Any:
    """Plain data from its packed form. Raises Refused when it is damaged or far too large."""
    import io
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(plain)) as stream:
            text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise Refused(DAMAGED)
        return json.loads(text)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise Refused(DAMAGED) from error
