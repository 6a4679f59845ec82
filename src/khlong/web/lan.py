"""The addresses of this machine in its own networks, found without asking any other host. Needs no Django."""

from __future__ import annotations

import array
import contextlib
import ipaddress
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NAMES, FLAGS, ADDRESS = 0x8912, 0x8913, 0x8915
"""SIOCGIFCONF, SIOCGIFFLAGS and SIOCGIFADDR of Linux."""
UP, LOOPBACK, POINT_TO_POINT = 0x1, 0x8, 0x10
ROOM = 8192
INNER = re.compile(
    r"(docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|podman|lxc|tun|tap|wg|tailscale|zt|utun|awdl|llw)"
)
"""Names of networks that no phone in a hall is in: containers, virtual machines, tunnels."""


@dataclass(frozen=True)
class Interface:
    """A network that this machine is in, and its address there."""

    name: str
    address: str
    wireless: bool = False

    @property
    def rank(self) -> tuple[bool, bool, bool, str]:
        """The better ones first: what a phone can be in, then Wi-Fi, then private networks."""
        inner = bool(INNER.match(self.name))
        return inner, not self.wireless, not ipaddress.ip_address(self.address).is_private, self.name


def chosen(found: Iterable[Interface]) -> list[Interface]:
    """The interfaces that a hall can use, the best first."""
    return sorted((each for each in found if usable(each.address)), key=lambda each: each.rank)


def usable(address: str) -> bool:
    """Whether a phone in the same network can reach an address: not this machine's own, and not self-made."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (known.is_loopback or known.is_link_local or known.is_unspecified or known.is_multicast)


def interfaces() -> list[Interface]:
    """The IPv4 interfaces that are up."""
    on_linux = Path("/sys/class/net").is_dir()
    return _of_linux() if on_linux else _of_ifconfig(_ifconfig())


def _of_linux() -> list[Interface]:
    import fcntl

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for name in _names(asking):
            request = struct.pack("256s", name.encode()[:15])
            with contextlib.suppress(OSError):
                flags = struct.unpack("H", fcntl.ioctl(asking, FLAGS, request)[16:18])[0]
                if not flags & UP or flags & (LOOPBACK | POINT_TO_POINT):
                    continue
                address = socket.inet_ntoa(fcntl.ioctl(asking, ADDRESS, request)[20:24])
                found.append(Interface(name, address, Path(f"/sys/class/net/{name}/wireless").exists()))
    return found


def _names(asking: socket.socket) -> list[str]:
    """Names of interfaces that have an IPv4 address."""
    import fcntl

    room = array.array("B", bytes(ROOM))
    where, _length = room.buffer_info()
    answer = fcntl.ioctl(asking, NAMES, struct.pack("iL", ROOM, where))
    length = struct.unpack("iL", answer)[0]
    step = 40 if struct.calcsize("P") == 8 else 32
    data = room.tobytes()[:length]
    return [data[at : at + 16].split(b"\0", 1)[0].decode() for at in range(0, length, step)]


def _ifconfig() -> str:
    program = shutil.which("ifconfig", path="/sbin:/usr/sbin:/bin:/usr/bin")
    if program is None:
        return ""
    return subprocess.run([program], capture_output=True, text=True, check=False).stdout  # noqa: S603


def _of_ifconfig(told: str) -> list[Interface]:
    """Interfaces from what ifconfig tells on macOS and BSD, where en0 is the Wi-Fi of a laptop."""
    found = []
    for block in re.split(r"\n(?=\S)", told):
        name = block.partition(":")[0].strip()
        address = re.search(r"\sinet (\d+\.\d+\.\d+\.\d+)", block)
        if address and "UP" in block.partition(">")[0]:
            found.append(Interface(name, address[1], wireless=name == "en0"))
    return found
