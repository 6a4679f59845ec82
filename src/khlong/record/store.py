"""The folder of files: bytes by their SHA-256, written whole and synced before anybody is told, never changed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from khlong.record.errors import FileRefused

PIECE = 256 * 1024
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
TEMPORARY = ".new-"
LOCK = ".lock"


def folder() -> Path:
    """Where all files are."""
    return Path(settings.FILES_DIR)


def path_of(digest: str) -> Path:
    """Where the bytes of a digest are, or would be."""
    return folder() / digest[:2] / digest[2:4] / digest


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of all of an open file, in hexadecimal."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """All of an open file, some at a time."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


@contextmanager
def in_words() -> Iterator[None]:
    """A disk that is full or a folder that cannot be written are answers to a person, not faults."""
    try:
        yield
    except OSError as error:
        raise FileRefused("disk_full" if error.errno in FULL else "cannot_write") from error


def require_room(size: int) -> None:
    """Refuse early where the disk would have less than its reserve left: the database needs that to go on."""
    with in_words():
        _make(folder())
        free = shutil.disk_usage(folder()).free
    if free < size + settings.FILES_RESERVE:
        raise FileRefused("disk_full")


def put(digest: str, data: Iterable[bytes]) -> None:
    """Keep bytes whose digest is known. Returns when they and their folder are on the disk. Raises FileRefused."""
    path = path_of(digest)
    with in_words(), locked(shared=True):
        if _stands(path, digest):
            return
        _make(path.parent)
        temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
        try:
            _write(temporary, digest, data)
            temporary.replace(path)
            _sync(path.parent)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _stands(path: Path, digest: str) -> bool:
    """Whether the bytes are there and whole. Their time is made new, so that no sweep takes them now."""
    try:
        os.utime(path)
        with path.open("rb") as file:
            return digest_of(file) == digest
    except FileNotFoundError:
        return False


def _write(path: Path, digest: str, data: Iterable[bytes]) -> None:
    found = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for piece in data:
            found.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if found.hexdigest() != digest:
        raise OSError(errno.EIO, "the bytes changed while they were read")


def _make(path: Path) -> None:
    """Make a folder and those above it, each on the disk before the next."""
    if path.is_dir():
        return
    _make(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(*, shared: bool) -> Iterator[None]:
    """Writers share the folder; a sweep has it alone, so that it takes nothing that is just found to stand."""
    _make(folder())
    handle = os.open(folder() / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def standing() -> Iterator[Path]:
    """All files in the folder, also those that were left half written."""
    if folder().is_dir():
        yield from sorted(path for path in folder().glob("??/??/*") if path.is_file())


def take_away(path: Path, older_than: float) -> bool:
    """Remove a file that was last wanted more than `older_than` seconds ago; whether it was removed."""
    with locked(shared=False):
        try:
            if time.time() - path.stat().st_mtime < older_than:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
    return True


def is_whole(path: Path) -> bool:
    """Whether a file's bytes still give the digest it is called by."""
    with path.open("rb") as file:
        return digest_of(file) == path.name
