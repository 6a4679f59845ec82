"""`./run --hall`: Khlong for everybody on a hall's own Wi-Fi, with what must hold before that."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import io
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Never

from khlong.web import lan, start
from khlong.web.start import RefusalError

OFF = {"KHLONG_HTTPS": "0", "KHLONG_REQUIRE_SECOND_FACTOR": "0"}
"""What cannot hold over plain HTTP, whatever the settings file says."""
LEAST_FREE = 200_000_000
HERE = "hall-here"


def options(described: argparse.ArgumentParser) -> None:
    """The words of ./run that only a hall uses."""
    group = described.add_argument_group("ในที่ประชุม · in a hall")
    group.add_argument(
        "--hall", action="store_true", help="ให้คนใน Wi-Fi เดียวกันใช้ · serve the hall's own Wi-Fi"
    )
    group.add_argument("--wifi", default="", metavar="NAME", help="ชื่อ Wi-Fi · name of the Wi-Fi, to show")
    group.add_argument(
        "--wifi-password",
        action="store_true",
        help="ถามรหัส Wi-Fi · ask for its password, for a QR that joins it",
    )


def serve(asked: argparse.Namespace) -> Never:
    """Prepare, refuse what must not be, show the address, and become the server. Raises RefusalError."""
    host = address_of(asked.host)
    password = _wifi_password(asked)
    var = start.prepare_environment()
    listening = start.chosen_socket(host, asked.port)
    host, port = listening.getsockname()[:2]
    address = start.shown_address(host, port)
    os.environ.update(environment(host, address, asked.wifi, password))
    start.prepare(var)
    refuse_unless_ready(var)
    forget_who_was_here(var)
    print(shown(address, asked.wifi), flush=True)
    start.become(listening, asked.workers, asked.jobs)


def address_of(asked: str | None) -> str:
    """The address to listen on: what was asked for, or this machine's in the network that phones are in.

    Raises RefusalError where there is none.
    """
    if asked:
        if not lan.usable(asked):
            raise RefusalError(
                f"โทรศัพท์เปิด {asked} ไม่ได้ ระบุที่อยู่ของเครื่องใน Wi-Fi · no phone can open {asked}: "
                "give --host the address of this machine on the Wi-Fi"
            )
        return asked
    found = lan.chosen(lan.interfaces())
    if not found:
        raise RefusalError(
            "เครื่องนี้ยังไม่ได้ต่อ Wi-Fi หรือสายแลน ต่อก่อนแล้วเปิดใหม่ หรือระบุ --host · this machine is in no network: "
            "join the hall's Wi-Fi first, or give --host ADDRESS"
        )
    others = ", ".join(f"{each.address} ({each.name})" for each in found[1:])
    if others:
        start.say(
            f"ใช้ {found[0].address} ({found[0].name}) เลือกที่อยู่อื่นได้ด้วย --host: {others}",
            f"using {found[0].address} ({found[0].name}); others with --host: {others}",
        )
    return found[0].address


def _wifi_password(asked: argparse.Namespace) -> str:
    """The password of the Wi-Fi, asked for and never an argument, so that no list of processes shows it."""
    given = os.environ.get("KHLONG_HALL_WIFI_PASSWORD", "")
    if asked.wifi_password and not given and asked.wifi:
        return getpass.getpass("Wi-Fi password / รหัส Wi-Fi: ")
    return given if asked.wifi else ""


def environment(host: str, address: str, wifi: str, password: str) -> dict[str, str]:
    """The settings of this run only."""
    name = f"[{host}]" if ":" in host else host
    found = {"KHLONG_HOSTS": name, "KHLONG_ORIGINS": address.rstrip("/"), "KHLONG_HALL": address, **OFF}
    return found | {"KHLONG_HALL_WIFI": wifi, "KHLONG_HALL_WIFI_PASSWORD": password}


# --- what must hold -------------------------------------------------------------------------


def refuse_unless_ready(var: Path) -> None:
    """Raise RefusalError with all that must be mended before strangers come in."""
    from django.db import connections
    from django.utils.translation import override

    from khlong.people.hall import refusals

    reasons: list[Any] = [*_own_refusals(var), *refusals()]
    connections.close_all()
    if not reasons:
        return
    lines = []
    for reason in reasons:
        with override("th"):
            thai = str(reason)
        with override("en"):
            lines.append(f"- {thai} · {reason}")
    raise RefusalError("ยังเปิดในที่ประชุมไม่ได้ · not opened to the hall yet:\n" + "\n".join(lines))


def _own_refusals(var: Path) -> Iterable[Any]:
    from django.conf import settings
    from django.utils.translation import gettext_lazy as _

    from khlong.chain.models import Node

    if settings.DEBUG:
        yield _(
            "Debug pages are on (KHLONG_DEBUG). They show settings and code to everybody; switch them off."
        )
    if known_secret(settings.SECRET_KEY):
        yield _("The key of sessions is one that everybody can look up. Remove secret.key and start again.")
    if Node.objects.filter(is_example=True).exists():
        yield _(
            "The training city is here. Open a city with  ./khlong hall open  in an empty folder instead."
        )
    if shutil.disk_usage(var).free < LEAST_FREE:
        yield _("The disk is nearly full. Free 200 MB first, so that nothing that is written gets lost.")


def known_secret(key: str) -> bool:
    """Whether a key is one of the tests, of a bench or of an example, or no key at all."""
    begins = key.startswith(("only-for-", "bench", "django-insecure", "training", "change"))
    return begins or len(key) < 40 or len(set(key)) < 10


def forget_who_was_here(var: Path) -> None:
    """Begin to count anew."""
    shutil.rmtree(var / HERE, ignore_errors=True)
    with contextlib.suppress(FileExistsError):
        (var / HERE).mkdir(mode=0o700)


# --- what is shown --------------------------------------------------------------------------


def shown(address: str, wifi: str) -> str:
    """The address and its QR for the terminal, large where there is room."""
    lines = [
        f"ในที่ประชุม · in the hall: {address}",
        f"ฉายหรือพิมพ์หน้านี้ · project or print this page: {address}hall/",
        "หน้าเว็บไม่ได้เข้ารหัสใน Wi-Fi นี้ เข้าด้วยลิงก์เชิญ ไม่ใช้รหัสผ่านที่ใช้ที่อื่น · pages are not encrypted on this "
        "Wi-Fi: come in by invitation, use no password that is used elsewhere",
    ]
    if wifi:
        lines.insert(0, f"Wi-Fi: {wifi}")
    return "\n".join([*([terminal_qr(address)] if sys.stdout.isatty() else []), *lines])


def terminal_qr(address: str) -> str:
    """The QR of an address in blocks: two letters for each point where the terminal is large enough."""
    import segno

    code = segno.make_qr(address, error="m")
    width, height = shutil.get_terminal_size()
    points = code.symbol_size(border=2)[0]
    out = io.StringIO()
    code.terminal(out, border=2, compact=width < 2 * points or height < points + 8)
    return out.getvalue()
