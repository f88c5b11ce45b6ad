"""Finds the real data that some tests use, and skips those tests with a visible reason where it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_PROJECT = Path(__file__).resolve().parents[1]


def real_data_path(*parts: str) -> Path:
    """Path of one file of the real data; skips the test that asks where it is missing.

    The data folder is named by the environment variable ``ODOGRAPH_DATA``; without it, it is ``../shared/data`` from
    the project's root.
    """
    folder = Path(os.environ.get("ODOGRAPH_DATA", _PROJECT.parent / "shared" / "data"))
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data {'/'.join(parts)} is missing (set ODOGRAPH_DATA to the data folder)")
    return path
