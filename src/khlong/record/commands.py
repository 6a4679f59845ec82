"""Commands about jobs, files and copies of the whole record."""

from __future__ import annotations

import argparse

from khlong.record import file_commands
from khlong.record.backup import commands as backup_commands
from khlong.record.jobs import commands as jobs


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    jobs.register(commands)
    file_commands.register(commands)
    backup_commands.register(commands)
    letters = commands.add_parser("digest", help="send the letters on what waits whose hour has come")
    letters.add_argument("--dry-run", action="store_true", help="say who would get one, and send nothing")
    letters.set_defaults(run=send_letters)


def send_letters(options: argparse.Namespace) -> int:
    """One line an account: its name, how much waits, and what became of the letter."""
    from khlong.record import digest, mail
    from khlong.record.errors import CommandRefused

    if not mail.is_on() and not options.dry_run:
        raise CommandRefused("no e-mail is set up: set KHLONG_EMAIL_HOST and KHLONG_ADDRESS")
    try:
        found = digest.send_due(dry_run=options.dry_run)
    except mail.NotReached as error:
        raise CommandRefused(f"the mail server does not answer: {error}") from error
    for sent in found:
        print(f"{sent.username}\t{sent.number}\t{sent.outcome}")
    if not found:
        print("nobody's hour has come")
    return 0
