"""Accounts from the command line, until a city's owner gives them in the browser."""

from __future__ import annotations

import argparse
import getpass
import os


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    account = commands.add_parser("account", help="make an account or change its password")
    account.add_argument("username")
    account.add_argument("--name", default="", help="the name to show")
    account.add_argument("--email", default="")
    account.add_argument("--steward", action="store_true", help="may keep facts of the whole programme")
    account.set_defaults(run=save_account)


def _password() -> str:
    return os.environ.get("KHLONG_PASSWORD") or getpass.getpass("Password / รหัสผ่าน: ")


def save_account(options: argparse.Namespace) -> int:
    """Make the account, or give an existing one a new password; the password is asked for, never an argument."""
    from khlong.people.actions import set_account

    user, made = set_account(
        options.username,
        _password(),
        display_name=options.name,
        email=options.email,
        steward=options.steward,
    )
    print(f"{'made' if made else 'changed'}: {user.username}")
    return 0
