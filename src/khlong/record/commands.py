"""Commands about jobs, files and copies of the whole record."""

from __future__ import annotations

import argparse

from khlong.record.backup import commands as backups


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Backups and their way back."""
    backups.register(commands)
