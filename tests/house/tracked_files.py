"""The files that belong to the repository."""

from __future__ import annotations

import ast
import gc
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked_files() -> list[Path]:
    """Files that git knows and that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607 - git of the PATH
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def tracked_python() -> list[Path]:
    """Python files that people write: all but those made from the API's definitions."""
    return [path for path in tracked_files() if path.suffix == ".py" and "_pb2" not in path.name]


def syntax_tree(source: str) -> ast.Module:
    """Parse Python; no garbage of other tests is collected meanwhile.

    CPython 3.11 raises a SystemError where a finalizer that is run by the collector changes the depth of the stack
    inside its parser.
    """
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()
