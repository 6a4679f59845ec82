"""Make the environment in .venv when it is missing or stale, then run a command of Khlong inside it.

Called by run, test and khlong with the command's name and its arguments. Standard library only, and
readable by Python 3.8, so that an older interpreter is refused in words and not by a syntax error.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Environment = dict[str, str]

VERSION = "1"
SUPPORTED = ((3, 11), (3, 12), (3, 13))
ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
COMMANDS = {
    "run": ["-m", "khlong.web.start", "serve"],
    "khlong": ["-m", "khlong.web.start", "command"],
    "engine": ["-m", "khlong.engines.futures.process"],
    "test": ["-m", "tools.suite"],
}
ENGINE_COMMANDS = (["appraise"], ["bench", "futures"])
LAYERS = ("base", "engine", "scale", "dev")
"""Each rests on those before it. `base` opens the first page; numba and scipy come after it, when they are wanted."""
TOLD = {
    "base": ("กำลังเตรียมเครื่องครั้งแรก ราวครึ่งนาที", "preparing the environment, about half a minute"),
    "engine": ("กำลังติดตั้งเครื่องคำนวณอนาคต", "installing the futures engine"),
    "scale": ("กำลังติดตั้งส่วนที่กระจายงานและเขียน Parquet", "installing what spreads work and writes Parquet"),
    "dev": ("กำลังติดตั้งเครื่องมือทดสอบ", "installing the tools of the tests"),
}


class RefusalError(Exception):
    """Something a person has to mend first; the message says what, in Thai and English."""


class InstallerError(Exception):
    """uv or pip ended with an error; the message is the end of what it printed."""


def say(thai: str, english: str) -> None:
    print(f"khlong: {thai} · {english}", file=sys.stderr, flush=True)


# --- what is there -----------------------------------------------------------------------------


def check_interpreter(version: tuple[int, int] = sys.version_info[:2]) -> None:
    if version not in SUPPORTED:
        found = ".".join(map(str, version))
        raise RefusalError(f"ต้องใช้ Python 3.11, 3.12 หรือ 3.13 · needs Python 3.11, 3.12 or 3.13, not {found}")


def check_place(root: Path) -> None:
    if os.pathsep in str(root):
        raise RefusalError(
            f"ชื่อโฟลเดอร์มีเครื่องหมาย {os.pathsep} ให้เปลี่ยนชื่อ · "
            f"no Python environment can live below a folder with {os.pathsep!r} in its name: {root}"
        )


def environment_folder() -> Path:
    chosen = os.environ.get("KHLONG_VENV")
    return Path(chosen).expanduser().resolve() if chosen else ROOT / ".venv"


def stamp_of(*requirements: Path) -> str:
    """What the environment was made from: this file's version, the interpreter and the pinned packages."""
    digest = hashlib.sha256()
    for path in (REQUIREMENTS / "uv.txt", *requirements):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{VERSION} python-{python} {digest.hexdigest()}"


def is_current(venv: Path, layer: str, stamp: str) -> bool:
    """True when the layer was installed to its end from the same sources and its Python is still there."""
    try:
        return (venv / "bin" / "python").exists() and (venv / f"khlong-{layer}.stamp").read_text() == stamp
    except OSError:
        return False


def write_stamp(venv: Path, layer: str, stamp: str) -> None:
    path = venv / f"khlong-{layer}.stamp"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(stamp)
    unfinished.replace(path)


# --- one at a time -----------------------------------------------------------------------------


@contextlib.contextmanager
def locked(venv: Path) -> Iterator[None]:
    """Hold the lock beside the environment; a second start waits for the first."""
    try:
        venv.parent.mkdir(parents=True, exist_ok=True)
        handle = (venv.parent / f"{venv.name}.lock").open("w")
    except OSError as error:
        raise RefusalError(
            f"เขียนที่ {venv.parent} ไม่ได้ · cannot write in {venv.parent} ({error.strerror}); "
            "choose another place with KHLONG_VENV=/path/to/folder"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("มีคำสั่งอื่นกำลังติดตั้งอยู่ กำลังรอ", "another start is installing; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- making it ---------------------------------------------------------------------------------


def base_interpreter() -> str:
    """The interpreter under the one that runs this: an environment is never made from itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def mending_line(detail: str) -> str:
    """What is broken, and on a line of its own the command that mends it."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if shutil.which("apt-get"):
        mend = f"sudo apt-get install python{version}-venv"
    else:
        mend = f"ติดตั้ง Python {version} ให้ครบ · install a complete Python {version}"
    return f"Python นี้สร้างสภาพแวดล้อมไม่ได้ · this Python cannot make environments ({detail}). Mend it:\n{mend}"


def make_environment(venv: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise RefusalError(mending_line("no ensurepip"))
    command = [base_interpreter(), "-E", "-s", "-m", "venv", "--clear", str(venv)]
    made = subprocess.run(command, capture_output=True, text=True, env=installer_environment(), check=False)
    if made.returncode == 0:
        return
    told = (made.stdout + made.stderr).strip()
    if "ensurepip" in told:
        raise RefusalError(mending_line("ensurepip failed"))
    raise RefusalError(f"สร้างสภาพแวดล้อมไม่สำเร็จ · could not make the environment in {venv}:\n{told[-1500:]}")


def installer_environment() -> Environment:
    """The caller's environment without what would steer Python, pip or uv to another place."""
    dropped = {
        "PYTHONPATH",
        "PYTHONHOME",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_USER",
    }
    dropped |= {"PIP_REQUIRE_VIRTUALENV", "UV_PYTHON", "UV_SYSTEM_PYTHON", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    kept.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", UV_PYTHON_DOWNLOADS="never")
    if not home_is_writable():
        caches = ROOT / "var" / "cache"
        kept.setdefault("PIP_CACHE_DIR", str(caches / "pip"))
        kept.setdefault("UV_CACHE_DIR", str(caches / "uv"))
    return kept


def home_is_writable() -> bool:
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME") or "/nonexistent")
    try:
        with tempfile.TemporaryFile(dir=home):
            return True
    except OSError:
        return False


def pip_settings(listing: str) -> dict[str, str]:
    """What `pip config list` prints, by option; the environment wins over [install], that over [global]."""
    ranks = {"global": 0, "install": 1, ":env:": 2}
    best: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        key, _, raw = line.partition("=")
        section, _, option = key.strip().rpartition(".")
        if section not in ranks:
            continue
        try:
            value = str(ast.literal_eval(raw.strip()))
        except (ValueError, SyntaxError):
            continue
        if option not in best or best[option][0] <= ranks[section]:
            best[option] = (ranks[section], value)
    return {option: value for option, (_, value) in best.items()}


def reachable(location: str) -> bool:
    """False for a folder or file: address that does not exist on this machine."""
    if location.startswith("file:"):
        return Path(location[5:].replace("//", "", 1)).exists()
    return "://" in location or Path(location).expanduser().exists()


def uv_settings(pip: dict[str, str], environment: Environment) -> Environment:
    """pip's settings under the names that uv reads; uv itself never looks at pip's configuration."""
    places = {
        "UV_DEFAULT_INDEX": (pip.get("index-url", ""), " "),
        "UV_INDEX": (pip.get("extra-index-url", ""), " "),
        "UV_FIND_LINKS": (pip.get("find-links", ""), ","),
    }
    found = {
        "SSL_CERT_FILE": pip.get("cert", ""),
        "UV_HTTP_TIMEOUT": pip.get("timeout", "") or pip.get("default-timeout", ""),
        "UV_INSECURE_HOST": pip.get("trusted-host", ""),
        "ALL_PROXY": pip.get("proxy", ""),
    }
    if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        found["UV_NO_INDEX"] = "1"
    for name, (value, separator) in places.items():
        found[name] = separator.join(place for place in value.split() if reachable(place))
    # Of several indexes uv asks only the first that knows a name; the hashes already say which file is meant.
    found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in found.items() if value and not environment.get(name)}


def called(command: list[str], environment: Environment) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, errors="replace"
    )
    if done.returncode != 0:
        raise InstallerError((done.stderr or done.stdout).strip()[-2000:])
    return done.stdout


def strictly(requirements: Path) -> list[str]:
    return ["--require-hashes", "--only-binary", ":all:", "-r", str(requirements)]


def install(venv: Path, requirements: Path) -> None:
    """Install wheels whose hashes match, with uv, or with pip when uv cannot."""
    python = str(venv / "bin" / "python")
    environment = installer_environment()
    wanted = strictly(requirements)
    pip = [python, "-E", "-s", "-m", "pip"]
    try:
        if not (venv / "bin" / "uv").exists():
            called([*pip, "install", "-q", "--retries", "2", *strictly(REQUIREMENTS / "uv.txt")], environment)
        settings = uv_settings(pip_settings(called([*pip, "config", "list"], environment)), environment)
        uv = [python, "-E", "-s", "-m", "uv", "pip", "install", "-q", "--python", python]
        called([*uv, *wanted], {**environment, **settings})
    except InstallerError as error:
        reason = (str(error).splitlines() or ["no reason given"])[-1]
        say("ติดตั้งด้วย uv ไม่ได้ ใช้ pip แทน", f"uv could not install ({reason}); using pip")
        install_with_pip(pip, wanted, environment)


def install_with_pip(pip: list[str], wanted: list[str], environment: Environment) -> None:
    try:
        called([*pip, "install", "-q", "--retries", "2", *wanted], environment)
    except InstallerError as error:
        raise RefusalError(
            "ติดตั้งแพ็กเกจไม่สำเร็จ ครั้งแรกต้องต่อเน็ต แล้วสั่งใหม่ได้เลย · "
            f"could not install the packages; a first start needs the package index. Start again:\n{error}"
        ) from error


def layers_for(command: str, words: list[str]) -> tuple[str, ...]:
    """The layers of packages that a command needs."""
    if command == "test":
        return LAYERS
    engine = command == "engine" or any(words[: len(each)] == each for each in ENGINE_COMMANDS)
    if not engine:
        return LAYERS[:1]
    spread = any(word.startswith("--dask") or "parquet" in word for word in words)
    return LAYERS[:3] if spread else LAYERS[:2]


def ensure(venv: Path, layers: tuple[str, ...]) -> float:
    """Bring the environment up to date and return the seconds spent on it; 0.0 when nothing was stale."""
    files = [REQUIREMENTS / f"{layer}.txt" for layer in layers]
    stamps = {layer: stamp_of(*files[: number + 1]) for number, layer in enumerate(layers)}
    if all(is_current(venv, layer, stamp) for layer, stamp in stamps.items()):
        return 0.0
    with locked(venv):
        started = time.monotonic()
        for layer, stamp in stamps.items():
            if is_current(venv, layer, stamp):
                continue
            say(*TOLD[layer])
            if layer == "base":
                make_environment(venv)
            install(venv, REQUIREMENTS / f"{layer}.txt")
            write_stamp(venv, layer, stamp)
        return time.monotonic() - started


# --- handing over ------------------------------------------------------------------------------


def command_environment(seconds: float) -> Environment:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONSTARTUP"}
    }
    environment.update(
        PYTHONPATH=os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        PYTHONSAFEPATH="1",
        PYTHONNOUSERSITE="1",
        PYTHONUTF8="1",
        KHLONG_PACKAGES_SECONDS=f"{seconds:.1f}",
        KHLONG_BOOTSTRAP=str(Path(__file__).resolve()),
    )
    return environment


def become(venv: Path, arguments: list[str], environment: Environment) -> None:
    python = str(venv / "bin" / "python")
    os.execve(python, [python, *arguments], environment)


def main(arguments: list[str]) -> int:
    if hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(encoding="utf-8", errors="replace")
    command, *rest = arguments
    try:
        check_interpreter()
        check_place(ROOT)
        venv = environment_folder()
        seconds = ensure(venv, layers_for(command, rest))
    except RefusalError as refusal:
        print(f"khlong: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("หยุดแล้ว สั่งใหม่ได้เลย", "stopped; start again whenever you like")
        return 130
    become(venv, [*COMMANDS[command], *rest], command_environment(seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
