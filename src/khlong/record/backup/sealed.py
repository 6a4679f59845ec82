"""Streams: a tar made piece by piece, locked while it is written, and opened while it is read. Constant memory."""

from __future__ import annotations

import contextlib
import os
import secrets
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyrage
from django.utils.translation import gettext as _

from khlong.record.backup.errors import BackupRefused, unwritable

BLOCK = tarfile.BLOCKSIZE
PIECE = 1 << 18


@dataclass(frozen=True)
class Part:
    """One file of the tar: its name, its bytes and how many they are."""

    name: str
    size: int
    pieces: Iterable[bytes]


def tar(parts: Iterable[Part]) -> Iterator[bytes]:
    """A tar of the parts, piece by piece. Raises ValueError when a part gives other than its size."""
    for part in parts:
        about = tarfile.TarInfo(part.name)
        about.size, about.mode = part.size, 0o600
        yield about.tobuf(tarfile.PAX_FORMAT)
        written = 0
        for piece in part.pieces:
            written += len(piece)
            yield piece
        if written != part.size:
            raise ValueError(f"{part.name} has {written} bytes and should have {part.size}")
        yield b"\0" * (-written % BLOCK)
    yield b"\0" * (2 * BLOCK)


class _Given:
    """Pieces as a file that is read; keeps what went wrong, which pyrage would turn into a line of text."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces, self.rest = iter(pieces), memoryview(b"")
        self.fault: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self.rest:
                self.rest = memoryview(next(self.pieces))
        except StopIteration:
            return b""
        except BaseException as fault:
            self.fault = fault
            raise
        taken = bytes(self.rest[:size]) if size >= 0 else bytes(self.rest)
        self.rest = self.rest[len(taken) :]
        return taken


class _Taken:
    """A file that is written; keeps what went wrong and counts."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.fault: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self.file.write(data)
        except OSError as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        self.file.flush()


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that has its name only when all of it is on the disk; nothing is left of one that failed."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb", buffering=PIECE) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            sync_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock(path: Path, parts: Iterable[Part], recipient: Any) -> None:
    """Write the parts as a locked tar. What goes wrong while they are made comes through as it is."""
    given = _Given(tar(parts))
    with whole_file(path) as file:
        taken = _Taken(file)
        try:
            pyrage.encrypt_io(given, taken, [recipient])
        except (pyrage.EncryptError, OSError):
            if not (given.fault or taken.fault):
                raise
        if fault := given.fault or taken.fault:  # of some it takes no notice and would end the file there
            raise fault


# --- opening -------------------------------------------------------------------------------------------

Visit = Callable[[str, IO[bytes]], None]


class _Opening(threading.Thread):
    """Opens a file in a thread of its own, into a pipe."""

    def __init__(self, path: Path, identity: Any) -> None:
        super().__init__(name="opening", daemon=True)
        self.path, self.identity = path, identity
        self.fault: Exception | None = None
        read, self.write = os.pipe()
        self.plain = os.fdopen(read, "rb", buffering=PIECE)

    def run(self) -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(self.write, "wb", buffering=PIECE) as out:
            try:
                with self.path.open("rb") as file:
                    pyrage.decrypt_io(file, out, [self.identity])
            except (pyrage.DecryptError, OSError) as fault:
                self.fault = fault


def unlock(path: Path, identity: Any, visit: Visit) -> None:
    """Give every part to `visit(name, file)` in order. Raises BackupRefused for a wrong key and a damaged file."""
    if not path.is_file():
        raise BackupRefused(_("There is no file %(path)s.") % {"path": path})
    opening = _Opening(path, identity)
    opening.start()
    try:
        with opening.plain, tarfile.open(fileobj=opening.plain, mode="r|", bufsize=PIECE) as opened:
            for part in opened:
                content = opened.extractfile(part)
                if content is not None:
                    visit(part.name, content)
            while opening.plain.read(PIECE):
                pass
    except (tarfile.TarError, OSError, EOFError) as error:
        opening.join()
        raise _why(path, opening.fault or error) from error
    opening.join()
    if opening.fault:
        raise _why(path, opening.fault) from opening.fault


def _why(path: Path, fault: Exception) -> BackupRefused:
    if isinstance(fault, pyrage.DecryptError) and "matching keys" in str(fault):
        words = _(
            "This key does not open %(path)s. Take the secret key that was made with the public one of that time."
        )
    elif isinstance(fault, pyrage.DecryptError):
        words = _("%(path)s is no backup, or its beginning is missing. Take another copy of it.")
    else:
        words = _(
            "%(path)s is damaged or was cut off. Nothing was changed. Take another copy of it, or an older backup."
        )
    return BackupRefused(words % {"path": path})
