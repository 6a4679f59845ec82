"""Plans on paper, from the command line."""

from __future__ import annotations

import argparse


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Filled in beside the documents."""
