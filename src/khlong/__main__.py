"""The command line: `./khlong COMMAND`. Every room brings its commands; wrong words end with exit 2."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

ROOMS_WITH_COMMANDS = (
    "people",
    "record",
    "privacy",
    "chain",
    "places",
    "strategy",
    "adoption",
    "reports",
    "training",
    "engines.futures",
    "web",
)


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line, with the valid choices."""

    def error(self, message: str) -> NoReturn:
        print(f"khlong: {message} (see  ./khlong --help)", file=sys.stderr)
        raise SystemExit(2)


def parser(rooms: Sequence[str] = ROOMS_WITH_COMMANDS) -> argparse.ArgumentParser:
    made = Parser(prog="khlong", description="Khlong (คลอง) on the command line")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for room in rooms:
        importlib.import_module(f"khlong.{room}.commands").register(commands)
    manage = commands.add_parser("manage", help="a command of Django's own", add_help=False)
    manage.add_argument("rest", nargs=argparse.REMAINDER)
    return made


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code comes back."""
    import django
    from django.core.exceptions import ImproperlyConfigured, ValidationError

    from khlong.record.errors import CommandRefused

    words = sys.argv[1:] if argv is None else argv
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khlong.web.settings")
    try:
        if words[:1] == ["manage"]:
            from django.core.management import execute_from_command_line

            execute_from_command_line(["khlong manage", *words[1:]])
            return 0
        if words[:1] == ["settings"]:  # helps where the settings do not hold
            options = parser(["web"]).parse_args(words)
        elif words[:1] == ["appraise"]:  # needs no settings and no database
            options = parser(["engines.futures"]).parse_args(words)
        else:
            django.setup()
            options = parser().parse_args(words)
        return int(options.run(options) or 0)
    except (ImproperlyConfigured, CommandRefused) as error:
        print(f"khlong: {error}", file=sys.stderr)
    except ValidationError as error:
        print(f"khlong: {' '.join(error.messages)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(1)
