"""Commands about jobs, files and copies of the whole record."""

from __future__ import annotations

import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Nothing yet."""
