"""Commands about keys and about what is over."""

from __future__ import annotations

import argparse
import os
import secrets
import sys


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    privacy = commands.add_parser("privacy", help="keys of people, and removing what is over")
    what = privacy.add_subparsers(dest="what", metavar="WHAT", required=True, parser_class=type(privacy))
    rotate = what.add_parser(
        "rotate", help="wrap all keys under a new master key; may be broken off and run again"
    )
    rotate.set_defaults(run=rotate_master)
    again = what.add_parser(
        "reseal",
        help="put what one key of a person sealed under the keys of its purposes; once after the update",
    )
    again.set_defaults(run=reseal)
    over = what.add_parser("retention", help="remove everything whose time is over")
    over.add_argument("--dry-run", action="store_true", help="only count")
    over.set_defaults(run=remove_what_is_over)


def rotate_master(_options: argparse.Namespace) -> int:
    """Make the next master key where none is given, wrap everything again, put it in the old one's place."""
    from django.conf import settings

    from khlong.people import keystore

    in_settings = bool(settings.KHLONG["master_key"])
    following = keystore.next_path()
    if not in_settings and not following.exists():
        handle = os.open(following, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
    count = keystore.rotate(
        lambda done, left: print(f"\r{done} / {left}", end="", file=sys.stderr, flush=True)
    )
    print(file=sys.stderr)
    if in_settings:
        print(f"{count} keys wrapped again. Now set KHLONG_MASTER_KEY to the next key and restart.")
        return 0
    following.replace(settings.MASTER_KEY_FILE)
    print(f"{count} keys wrapped again. Make a new copy of the keys: the old one no longer fits.")
    return 0


def reseal(_options: argparse.Namespace) -> int:
    """Print how many values were sealed again."""
    from khlong.people import keys

    print(f"{keys.reseal()} values sealed again. Make a backup now, and destroy older ones when you can.")
    return 0


def remove_what_is_over(options: argparse.Namespace) -> int:
    """Print what was removed, or would be, by kind."""
    from khlong.people.actor import system_actor
    from khlong.privacy import registries
    from khlong.privacy.actions import apply_retention

    if options.dry_run:
        counts = {period.key: period.remove(period.before, dry=True) for period in registries.periods()}
    else:
        counts = apply_retention(system_actor("retention")).counts
    for key, count in counts.items():
        print(f"{count:8} {key}")
    if not any(counts.values()):
        print("nothing to remove")
    return 0
