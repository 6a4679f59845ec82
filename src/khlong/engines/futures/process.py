"""The one engine process of a running Khlong: kernels compiled once, one call at a time.

    python -m khlong.engines.futures.process SOCKET

It listens on a Unix socket that only its own user may open (see `client.py` for the language), warms its kernels on a
small model, and computes one call after another in one thread while others wait in order. A caller that goes
away cancels its call between two blocks of futures. A crash of this process is a message to the caller, never an
outage of the pages: the supervisor starts it again.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from khlong.engines.futures.errors import FuturesError, Words

STEP = 0.1  # seconds between two lines of progress
MOST_WAITING = 32
LONGEST_REQUEST = 2**20
Handler = Callable[[dict[str, Any], Callable[[int, int], None], Callable[[], bool]], dict[str, Any]]


class Caller:
    """One connection: what it asks, and whether it is still there."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.told = 0.0

    def request(self) -> dict[str, Any]:
        """The one line that a caller sends; ValueError when it is none."""
        self.line.settimeout(5.0)
        with self.line.makefile("rb") as lines:
            read = lines.readline(LONGEST_REQUEST)
        asked = json.loads(read)
        if not isinstance(asked, dict) or not isinstance(asked.get("do"), str):
            raise ValueError("no request")  # noqa: TRY004 (both are a request that cannot be read)
        return asked

    def gone(self) -> bool:
        """Whether the other side has closed the connection."""
        readable, _writable, _wrong = select.select([self.line], [], [], 0)
        try:
            return bool(readable) and not self.line.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def tell(self, **words: Any) -> None:
        with contextlib.suppress(OSError):
            self.line.sendall(json.dumps(words).encode() + b"\n")

    def progress(self, done: int, of: int) -> None:
        """Tell how far it is, at most every `STEP` seconds."""
        now = time.monotonic()
        if done == of or now - self.told >= STEP:
            self.told = now
            self.tell(done=done, of=of)


class Turn:
    """Turns given in the order in which they were asked for, which `threading.Lock` does not promise."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.asked = 0
        self.now = 0

    def ask(self) -> int:
        """A number for one turn; it has to be waited for and passed on."""
        with self.changed:
            self.asked += 1
            return self.asked - 1

    def before(self, number: int | None = None) -> int:
        """How many turns come before this number; without one, how many are asked for in all."""
        with self.changed:
            return (self.asked if number is None else number) - self.now

    @contextlib.contextmanager
    def mine(self, number: int) -> Iterator[None]:
        with self.changed:
            self.changed.wait_for(lambda: self.now == number)
        try:
            yield
        finally:
            with self.changed:
                self.now += 1
                self.changed.notify_all()


class Server:
    """Takes callers in their order and computes for one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handlers: dict[str, Handler] = {}
        self.warm = False
        self.turn = Turn()

    def listen(self) -> socket.socket:
        """The listening socket; a socket file that nobody listens on any more is taken away first."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self.path))
        finally:
            os.umask(before)
        listener.listen(MOST_WAITING)
        return listener

    def serve(self, listener: socket.socket) -> None:
        while True:
            line, _address = listener.accept()
            threading.Thread(target=self.attend, args=(line,), daemon=True).start()

    def attend(self, line: socket.socket) -> None:
        """One caller from its request to its answer."""
        with line:
            caller = Caller(line)
            try:
                asked = caller.request()
            except (ValueError, OSError):
                caller.tell(error={"field": "", "th": "อ่านคำขอไม่ได้", "en": "The request cannot be read."})
                return
            if asked["do"] == "ping":
                caller.tell(result={"warm": self.warm, "waiting": self.turn.before()})
                return
            self.compute(caller, asked)

    def compute(self, caller: Caller, asked: dict[str, Any]) -> None:
        """Wait for the turn, compute, answer."""
        number = self.turn.ask()
        if before := self.turn.before(number):
            caller.tell(waiting=before)
        with self.turn.mine(number):
            if caller.gone():
                return
            answer = answered(self.handlers.get(asked["do"], unknown), asked, caller)
        caller.tell(**answer)

    def warm_up(self, begin: Callable[[], dict[str, Handler]]) -> None:
        """Load and compile what the calls need; calls that come earlier wait for it. Ends the process when it fails."""
        number = self.turn.ask()

        def first() -> None:
            with self.turn.mine(number):
                try:
                    self.handlers = begin()
                    self.warm = True
                except BaseException:
                    traceback.print_exc()
                    os._exit(1)

        threading.Thread(target=first, daemon=True).start()


def unknown(
    asked: dict[str, Any], _progress: Callable[[int, int], None], _gone: Callable[[], bool]
) -> dict[str, Any]:
    raise FuturesError(
        "do",
        Words(f"ไม่รู้จักคำสั่ง {asked['do']}", f"There is no request {asked['do']}."),
        Words("คำสั่งที่มีคือ appraise และ ping", "Ask for appraise or ping."),
    )


def text(asked: dict[str, Any], field: str, otherwise: str | None = None) -> str:
    """Some words of a request.

    Raises
    ------
    FuturesError
        They are missing and nothing stands for them, or are no words.
    """
    found = asked.get(field, otherwise)
    if isinstance(found, str) and found:
        return found
    raise misfit(asked, field, Words("ให้ใส่เป็นข้อความ", "Give it as text."))


def whole(asked: dict[str, Any], field: str) -> int:
    """A whole number of a request.

    Raises
    ------
    FuturesError
        It is missing or no whole number.
    """
    found = asked.get(field)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise misfit(asked, field, Words("ให้ใส่เป็นจำนวนเต็ม เช่น 7", "Give a whole number, such as 7."))


def misfit(asked: dict[str, Any], field: str, mend: Words) -> FuturesError:
    """What is said of a part of a request that is missing or of another sort."""
    if field not in asked or asked[field] is None or asked[field] == "":
        return FuturesError(field, Words("คำขอขาดช่องนี้", "This is missing in the request."), mend)
    return FuturesError(field, Words("ค่าในช่องนี้ใช้ไม่ได้", "What stands here cannot be used."), mend)


def answered(handler: Handler, asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The handler's result, or what it refused, as an answer."""
    try:
        return {"result": handler(asked, caller.progress, caller.gone)}
    except FuturesError as error:
        return {"error": {"field": error.field, "th": error.in_words("th"), "en": error.in_words("en")}}
    except MemoryError:
        told = (
            "หน่วยความจำไม่พอ ลดจำนวนมาตรการหรืออนาคตลง",
            "Not enough memory. Ask for fewer measures or futures.",
        )
        return {"error": {"field": "", "th": told[0], "en": told[1]}}
    except (KeyError, TypeError, ValueError):
        traceback.print_exc()  # for the log; the caller is told in words
        told = (
            "คำขอไม่ครบหรือไม่ถูกต้อง ตรวจทุกช่องของคำขอและแฟ้มแบบจำลอง แล้วสั่งใหม่",
            "The request is not complete or not right. Check each of its parts and the model file, then ask again.",
        )
        return {"error": {"field": "", "th": told[0], "en": told[1]}}


def handlers() -> dict[str, Handler]:
    """What the process can be asked; numpy and numba are loaded here."""
    from khlong.engines.futures.outputs import appraise_file
    from khlong.engines.futures.work import Patience
    from khlong.engines.futures.zoned import appraise_zones_file

    def appraise(
        asked: dict[str, Any], progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        return (appraise_zones_file if asked.get("zones") else appraise_file)(
            Path(text(asked, "model")),
            futures=whole(asked, "futures"),
            seed=whole(asked, "seed"),
            out=Path(text(asked, "out")) if asked.get("out") else None,
            form=text(asked, "form", "csv"),
            patience=Patience(long=asked.get("long") is True),
            progress=progress,
            cancelled=cancelled,
        )

    return {"appraise": appraise}


def begin() -> dict[str, Handler]:
    """The handlers, with the kernels compiled on the training model."""
    made = handlers()
    from khlong.engines.futures.outputs import TRAINING, appraise_file

    appraise_file(TRAINING, futures=64, seed=1)
    return made


def main(arguments: list[str]) -> int:
    server = Server(Path(arguments[0]))
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    listener = server.listen()
    server.warm_up(begin)
    try:
        server.serve(listener)
    finally:
        with contextlib.suppress(FileNotFoundError):
            server.path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
