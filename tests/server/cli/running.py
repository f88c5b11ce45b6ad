"""Runs ``odograph`` as a stranger would, on the sample tables of the documents."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from server.command_line import main

DOCS = Path(__file__).resolve().parents[3] / "docs"
SAMPLE = DOCS / "sample"
PLAN_OPTIONS = ["--network", "helsinki", "--day", "2026-09-15", "--time-zone", "Europe/Helsinki", "--time-limit", "1"]


def run(*arguments: str | Path) -> Result:
    """Run ``odograph`` with arguments."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
