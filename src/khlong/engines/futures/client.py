"""Asking the engine process: standard library only, so that a web process loads neither numpy nor numba.

One engine process serves the whole application (`process.py`). A call is one connection to its Unix socket; requests
and answers are lines of JSON. Calls wait for one another. When the process ends on the way, the caller gets
`EngineGoneError`, a message for people, and the next call finds the process that was started in its place.

Requests::

    {"do": "appraise", "model": PATH, "futures": N, "seed": N, "out": FOLDER, ...}   with "long": true also hours
    {"do": "ping"}

Answers, each a line: `{"waiting": n}` calls before this one, `{"done": n, "of": n}` progress, then one of
`{"result": {...}}`, `{"error": {"field", "th", "en"}}`. Closing the connection cancels the call.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from khlong.engines.futures.errors import CancelledError, FuturesError, Words

CONNECTING = 2.0
LONGEST_LINE = 64 * 2**20
Progress = Callable[[int, int], None]


class EngineGoneError(FuturesError):
    """The engine process is not there, or ended on the way. Nothing of the call was kept."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "",
            Words("เครื่องคำนวณอนาคตไม่ตอบ", f"The futures engine does not answer ({why})."),
            Words("รอสักครู่แล้วสั่งใหม่ ไม่มีอะไรเสียหาย", "Wait a moment and ask again; nothing was lost."),
        )


class AnsweredError(FuturesError):
    """What the engine refused, in its own words."""

    def __init__(self, answer: dict[str, str]) -> None:
        self.th, self.en = answer["th"], answer["en"]
        super().__init__(answer.get("field", ""), Words(self.th, self.en), Words("", ""))

    def in_words(self, language: str) -> str:
        return self.th if language == "th" else self.en


def nothing(_done: int, _of: int) -> None:
    """Progress that nobody looks at."""


def never() -> bool:
    return False


class Engine:
    """The engine process behind the socket at `path`."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)

    def ready(self) -> bool:
        """Whether the process is there and its kernels are warm."""
        try:
            return bool(self.call({"do": "ping"}, patience=CONNECTING)["warm"])
        except FuturesError:
            return False

    def call(
        self,
        request: dict[str, Any],
        progress: Progress = nothing,
        cancelled: Callable[[], bool] = never,
        patience: float = 1.0,
    ) -> dict[str, Any]:
        """The result of one request.

        Parameters
        ----------
        progress : called with (done, of) as the work goes on.
        cancelled : asked every `patience` seconds and at each step; when true the call ends.

        Raises
        ------
        EngineGoneError
            The process is not there or ended on the way.
        AnsweredError
            The engine refused, with field and mend in both languages.
        CancelledError
            `cancelled` said so.
        """
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(CONNECTING)
                line.connect(self.path)
                line.sendall(json.dumps(request).encode() + b"\n")
                line.settimeout(patience)
                return self._answer(line, progress, cancelled)
        except OSError as error:
            raise EngineGoneError(error.strerror or type(error).__name__) from error

    def _answer(
        self, line: socket.socket, progress: Progress, cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        pending = b""
        while True:
            if cancelled():
                raise cancelled_words()
            try:
                read = line.recv(65536)
            except TimeoutError:
                continue
            if not read:
                raise EngineGoneError("it ended on the way")
            pending += read
            *whole, pending = pending.split(b"\n")
            for each in whole:
                answer = json.loads(each)
                if "result" in answer:
                    result: dict[str, Any] = answer["result"]
                    return result
                if "error" in answer:
                    raise AnsweredError(answer["error"])
                if "of" in answer:
                    progress(answer["done"], answer["of"])
            if len(pending) > LONGEST_LINE:
                raise EngineGoneError("an answer without end")


def cancelled_words() -> CancelledError:
    return CancelledError(
        "",
        Words("หยุดการคำนวณแล้ว", "The run was stopped."),
        Words("สั่งใหม่ได้ทุกเมื่อ ไม่มีผลครึ่ง ๆ กลาง ๆ เก็บไว้", "Start it again at any time; no half result was kept."),
    )
