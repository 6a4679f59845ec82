"""Commands about jobs, files and copies of the whole record."""

from __future__ import annotations

import argparse

from khlong.record.jobs import commands as jobs


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    jobs.register(commands)
