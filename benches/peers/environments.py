"""The peers' environments: made once, with uv, each on its own Python and with its own packages.

CLIMADA asks for gdal, which PyPI has as source only; nothing that is compared needs it, so it is overridden away and
`climada_side` puts an empty module in its place.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "peers"
WANTED = {"climada": ("climada==6.1.0", "3.11"), "ema": ("ema_workbench==2.5.3", "3.11")}
OVERRIDE = 'gdal ; python_version < "3"\n'


class PeerError(RuntimeError):
    """A peer could not be set up or stopped with an error."""


def python_of(peer: str) -> Path:
    """The Python of a peer, whose environment is made if it is not there.

    `PEER_CLIMADA` and `PEER_EMA` may name the folder of a ready environment instead.
    """
    given = os.environ.get(f"PEER_{peer.upper()}")
    folder = Path(given) if given else HOME / peer
    python = folder / "bin" / "python"
    ready = folder / "khlong-peer"
    if given or ready.exists():
        return python
    package, version = WANTED[peer]
    HOME.mkdir(parents=True, exist_ok=True)
    override = HOME / "override.txt"
    override.write_text(OVERRIDE, encoding="utf-8")
    uv = (sys.executable, "-m", "uv")
    run(*uv, "venv", "--clear", "--python", version, str(folder), keep_home=True)
    install = (*uv, "pip", "install", "--python", str(python), "--override", str(override), package)
    run(*install, keep_home=True)
    ready.write_text(f"{package}\n", encoding="utf-8")
    return python


def run(*command: str, keep_home: bool = False) -> str:
    """A command's output; its home is a folder of the peers, since CLIMADA writes into it when imported."""
    home = HOME / "home"
    home.mkdir(parents=True, exist_ok=True)
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("KHLONG_", "PYTHONPATH"))
    }
    env |= {} if keep_home else {"HOME": str(home), "MPLCONFIGDIR": str(home)}
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True, cwd=str(home))
    if done.returncode:
        raise PeerError(f"{' '.join(command[:6])}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout
