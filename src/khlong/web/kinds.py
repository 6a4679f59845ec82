"""The kinds of settings: how each is written in the environment and in the settings file, and what is refused."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}
SPANS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LOOPBACK = ("127.0.0.1", "::1")
UNIX = "unix"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Kind:
    """One kind of setting.

    `name` and `example` are shown to people; `of_text` reads what stands in the environment, `of_file` what the
    settings file holds (both raise ValueError with the mend). `secret` values are never shown.
    """

    name: str
    example: str
    of_text: Callable[[str], Any]
    of_file: Callable[[Any], Any]
    secret: bool = False


def _flag_text(text: str) -> bool:
    if text.strip().lower() in YES | NO:
        return text.strip().lower() in YES
    raise ValueError(f"{text!r} is neither yes nor no: write 1 or 0")


def _flag_file(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is neither yes nor no: write true or false")


def _text_file(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f'{value!r} is no text: put it between quotation marks, "{value}"')


def _names_text(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _names_file(value: Any) -> list[str]:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return [part.strip() for part in value if part.strip()]
    raise ValueError(f'{value!r} is no list of texts: write ["one", "two"]')


def _path(text: str) -> Path:
    return Path(text).expanduser()


FLAG = Kind("yes or no", "true", _flag_text, _flag_file)
TEXT = Kind("text", '"…"', str, _text_file)
SECRET = Kind("secret", '"…"', str, _text_file, secret=True)
NAMES = Kind("list", '["…", "…"]', _names_text, _names_file)
PATH = Kind("path", '"/…"', _path, lambda value: _path(_text_file(value)))


def number(low: int, high: int) -> Kind:
    """A whole number from `low` to `high`."""

    def inside(value: int) -> int:
        if low <= value <= high:
            return value
        raise ValueError(f"{value} is not between {low} and {high}")

    def of_text(text: str) -> int:
        if not re.fullmatch(r"\s*-?\d+\s*", text):
            raise ValueError(f"{text!r} is no whole number")
        return inside(int(text))

    def of_file(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{value!r} is no whole number: write it without quotation marks")  # noqa: TRY004
        return inside(value)

    return Kind("number", str(low), of_text, of_file)


def choice(*words: str) -> Kind:
    """One of some words."""

    def of_text(text: str) -> str:
        if text in words:
            return text
        raise ValueError(f"{text!r} is none of {', '.join(words)}")

    return Kind(
        "one of " + ", ".join(words), f'"{words[0]}"', of_text, lambda value: of_text(_text_file(value))
    )


def matching(pattern: str, name: str, example: str) -> Kind:
    """A text of a form, such as the address of a host."""

    def of_text(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        raise ValueError(f"{text!r} is no {name}: write it like {example}")

    return Kind(name, f'"{example}"', of_text, lambda value: of_text(_text_file(value)))


def _span_text(text: str) -> timedelta:
    found = re.fullmatch(r"\s*(\d+)\s*([smhdw])\s*", text)
    if not found or not int(found[1]):
        raise ValueError(f"{text!r} is no span of time: write a number and s, m, h, d or w, such as 24h")
    return timedelta(**{SPANS[found[2]]: int(found[1])})


SPAN = Kind("span of time", '"24h"', _span_text, lambda value: _span_text(_text_file(value)))


def _networks(names: Sequence[str]) -> list[str]:
    for name in names:
        if name != UNIX:
            try:
                ipaddress.ip_network(name, strict=False)
            except ValueError:
                raise ValueError(
                    f"{name!r} is no address or network: write such as 127.0.0.1, 10.0.0.0/8 or unix"
                ) from None
    return list(names)


NETWORKS = Kind(
    "list of addresses",
    '["127.0.0.1"]',
    lambda text: _networks(_names_text(text)),
    lambda value: _networks(_names_file(value)),
)


def _origins(names: Sequence[str]) -> list[str]:
    for name in names:
        if not re.fullmatch(r"https?://[^/\s]+", name):
            raise ValueError(
                f"{name!r} is no origin: write it like https://khlong.example.org, without a path"
            )
    return list(names)


ORIGINS = Kind(
    "list of origins",
    '["https://khlong.example.org"]',
    lambda text: _origins(_names_text(text)),
    lambda value: _origins(_names_file(value)),
)


def _hosts(names: Sequence[str]) -> list[str]:
    for name in names:
        if name == "*":
            raise ValueError("'*' would answer to any name that somebody invents: name the hosts")
        if "/" in name or re.search(r"[^\]]:\d+$", name):
            raise ValueError(f"{name!r} is no host: write only the name, such as khlong.example.org")
    return list(names)


HOSTS = Kind(
    "list of hosts",
    '["khlong.example.org"]',
    lambda text: _hosts(_names_text(text)),
    lambda value: _hosts(_names_file(value)),
)
