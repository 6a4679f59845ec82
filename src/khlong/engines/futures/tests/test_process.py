"""The engine process and those who ask it: order, progress, cancelling, crashes, words."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from khlong.engines.futures import process
from khlong.engines.futures.client import AnsweredError, Engine, EngineGoneError
from khlong.engines.futures.errors import CancelledError, ModelError, Words
from khlong.engines.futures.process import Handler, Server

Progress = Callable[[int, int], None]
Gone = Callable[[], bool]


def refuse(_asked: dict[str, Any], _progress: Progress, _gone: Gone) -> dict[str, Any]:
    raise ModelError(
        "years", Words("ปีต้องเรียงจากน้อยไปมาก", "The years must rise."), Words("เรียงใหม่", "Sort them.")
    )


def greedy(_asked: dict[str, Any], _progress: Progress, _gone: Gone) -> dict[str, Any]:
    raise MemoryError


class Slow:
    """A handler that works until it is let go or its caller has gone, and one that writes down what it hears."""

    def __init__(self) -> None:
        self.begun, self.free, self.gone = threading.Event(), threading.Event(), threading.Event()
        self.heard: list[Any] = []

    def echo(self, asked: dict[str, Any], progress: Progress, _gone: Gone) -> dict[str, Any]:
        for done in range(3):
            progress(done + 1, 3)
        self.heard.append(asked["words"])
        return {"heard": asked["words"]}

    def __call__(self, _asked: dict[str, Any], progress: Progress, gone: Gone) -> dict[str, Any]:
        self.begun.set()
        while not self.free.wait(0.01):
            if gone():
                self.gone.set()
                raise CancelledError("", Words("หยุดแล้ว", "Stopped."), Words("", ""))
            progress(1, 2)
        return {"order": "slow"}


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def engine(tmp_path: Path, slow: Slow) -> Iterator[Engine]:
    server = Server(tmp_path / "engine.sock")
    made: dict[str, Handler] = {"echo": slow.echo, "refuse": refuse, "greedy": greedy, "slow": slow}
    listener = server.listen()
    server.warm_up(lambda: made)
    threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
    yield Engine(server.path)
    slow.free.set()


def test_an_answer_comes_with_its_progress(engine: Engine) -> None:
    seen: list[tuple[int, int]] = []
    answer = engine.call({"do": "echo", "words": "น้ำ"}, lambda done, of: seen.append((done, of)))
    assert answer == {"heard": "น้ำ"}
    assert seen[-1] == (3, 3)
    assert seen == sorted(seen)


def test_what_the_engine_refuses_is_said_in_both_languages(engine: Engine) -> None:
    with pytest.raises(AnsweredError) as refused:
        engine.call({"do": "refuse"})
    assert refused.value.field == "years"
    assert refused.value.in_words("th") == "years: ปีต้องเรียงจากน้อยไปมาก เรียงใหม่"
    assert refused.value.in_words("en") == "years: The years must rise. Sort them."


@pytest.mark.parametrize(
    ("request_", "said"), [({"do": "dance"}, "no request dance"), ({"do": "echo"}, "not complete")]
)
def test_a_request_that_is_none_is_refused_and_the_next_is_served(
    engine: Engine, request_: dict[str, Any], said: str
) -> None:
    with pytest.raises(AnsweredError, match=said):
        engine.call(request_)
    assert engine.call({"do": "echo", "words": 1}) == {"heard": 1}


@pytest.mark.parametrize(
    ("part", "given", "thai", "english"),
    [
        ("model", None, "คำขอขาดช่องนี้", "This is missing"),
        ("model", "", "คำขอขาดช่องนี้", "This is missing"),
        ("model", ["town.yaml"], "ให้ใส่เป็นข้อความ", "Give it as text"),
        ("futures", None, "คำขอขาดช่องนี้", "This is missing"),
        ("futures", "many", "จำนวนเต็ม", "Give a whole number"),
        ("futures", 1e9, "จำนวนเต็ม", "Give a whole number"),
        ("futures", True, "จำนวนเต็ม", "Give a whole number"),
        ("seed", {}, "จำนวนเต็ม", "Give a whole number"),
        ("out", 7, "ให้ใส่เป็นข้อความ", "Give it as text"),
        ("form", 7, "ให้ใส่เป็นข้อความ", "Give it as text"),
        ("form", "xlsx", "ไม่รู้จัก xlsx", "xlsx is not known"),
    ],
)
def test_a_malformed_request_is_refused_at_its_part_in_both_languages(
    part: str, given: object, thai: str, english: str
) -> None:
    asked = {"do": "appraise", "model": "/nowhere.yaml", "futures": 10, "seed": 1, part: given}
    told = answered_here(process.handlers()["appraise"], asked)
    assert told["field"] == part
    assert told["th"].startswith(f"{part}: ")
    assert thai in told["th"]
    assert english in told["en"]


@pytest.mark.parametrize("error", [KeyError("knots"), TypeError("unhashable"), ValueError("invalid literal")])
def test_what_python_says_of_a_request_goes_to_the_log_and_not_to_the_caller(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_asked: dict[str, Any], _progress: Progress, _gone: Gone) -> dict[str, Any]:
        raise error

    told = answered_here(fails, {"do": "fails"})
    assert told["en"].startswith("The request is not complete or not right.")
    assert told["th"].startswith("คำขอไม่ครบหรือไม่ถูกต้อง")
    assert str(error.args[0]) not in told["en"] + told["th"]
    assert str(error.args[0]) in capsys.readouterr().err


def answered_here(handler: Handler, asked: dict[str, Any]) -> dict[str, str]:
    """What a handler refuses, without a process between."""
    one, other = socket.socketpair()
    with one, other:
        told: dict[str, str] = process.answered(handler, asked, process.Caller(one))["error"]
    return told


def test_too_little_memory_is_a_message_and_no_end_of_the_process(engine: Engine) -> None:
    with pytest.raises(AnsweredError, match="Not enough memory"):
        engine.call({"do": "greedy"})
    assert engine.ready()


@pytest.mark.parametrize("sent", [b"\n", b"[1]\n", b"{", b"\xff\xfe\n", b'{"do": 3}\n'])
def test_bytes_that_are_no_request_are_answered_in_words(engine: Engine, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(engine.path)
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        assert "cannot be read" in json.loads(line.makefile().readline())["error"]["en"]


def test_one_call_is_computed_at_a_time_in_the_order_in_which_they_came(engine: Engine, slow: Slow) -> None:
    calls = [threading.Thread(target=engine.call, args=({"do": "slow"},))]
    calls[0].start()
    assert slow.begun.wait(60)
    for word in ("first", "second", "third"):
        until(lambda: waiting(engine) == len(calls))
        calls.append(threading.Thread(target=engine.call, args=({"do": "echo", "words": word},)))
        calls[-1].start()
    until(lambda: waiting(engine) == len(calls))
    assert engine.ready(), "a question about its state is answered while it computes"
    assert slow.heard == []
    slow.free.set()
    for call in calls:
        call.join(60)
    assert slow.heard == ["first", "second", "third"]


def waiting(engine: Engine) -> int:
    return int(engine.call({"do": "ping"})["waiting"])


def test_a_caller_that_stops_ends_the_work(engine: Engine, slow: Slow) -> None:
    with pytest.raises(CancelledError):
        engine.call({"do": "slow"}, cancelled=slow.begun.is_set, patience=0.05)
    assert slow.gone.wait(60)
    assert engine.call({"do": "echo", "words": 2}) == {"heard": 2}


def test_only_its_own_user_may_ask(engine: Engine) -> None:
    assert stat.S_IMODE(Path(engine.path).stat().st_mode) == 0o600


def test_a_place_where_nobody_listens_is_a_message(tmp_path: Path) -> None:
    nobody = Engine(tmp_path / "engine.sock")
    assert not nobody.ready()
    with pytest.raises(EngineGoneError) as gone:
        nobody.call({"do": "echo", "words": 1})
    assert "เครื่องคำนวณอนาคตไม่ตอบ" in gone.value.in_words("th")


KILLED = """
import sys
from pathlib import Path
from khlong.engines.futures.process import Server

def never(asked, progress, gone):
    progress(1, 2)
    while True:
        pass

server = Server(Path(sys.argv[1]))
listener = server.listen()
server.warm_up(lambda: {"never": never})
server.serve(listener)
"""


def test_a_process_that_is_killed_on_the_way_is_a_message_and_a_new_one_takes_its_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "engine.sock"
    engine = Engine(path)
    for _life in range(2):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)])
        try:
            until(engine.ready)

            def kill(_done: int, _of: int, number: int = process.pid) -> None:
                os.kill(number, signal.SIGKILL)

            with pytest.raises(EngineGoneError):
                engine.call({"do": "never"}, kill)
        finally:
            process.kill()
            process.wait()


def until(true: Callable[[], bool]) -> None:
    for _try in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")


def test_asking_loads_neither_numpy_nor_numba() -> None:
    code = "import sys, khlong.engines.futures.client; print(sorted({'numpy', 'numba', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
