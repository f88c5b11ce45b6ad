"""The documents are true: links lead somewhere, code runs, and nothing that people can use is missing from them.

A fenced code block runs when the line before it is ``<!-- runs -->``; blocks of one document run in order in one
folder, so that later ones can use what earlier ones made. ``$`` starts a command of a ``console`` block.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RUNS = "<!-- runs -->"
FENCED_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class CodeBlock:
    """A fenced block that is to be run: its language and its text."""

    language: str
    text: str


def text_of(document: Path) -> str:
    """Text of a document."""
    return document.read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """A document without its code blocks and code words."""
    return re.sub(r"`[^`\n]*`", "", FENCED_BLOCK.sub("", text))


def anchors(document: Path) -> set[str]:
    """Names under which the headings of a document can be linked to."""
    headings = re.findall(r"^#+ (.+)$", FENCED_BLOCK.sub("", text_of(document)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def broken_links(document: Path) -> Iterator[str]:
    """Links to files and headings that are not there. Links to other sites are not followed."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(document))):
        if re.match(r"[a-z]+:", target):
            continue
        file_name, _, anchor = target.partition("#")
        file = (document.parent / file_name).resolve() if file_name else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield target


def runnable_blocks(document: Path) -> list[CodeBlock]:
    """Blocks of a document that are marked as running."""
    found = re.findall(rf"^{re.escape(RUNS)}\n+```(\w+)\n(.*?)^```", text_of(document), re.DOTALL | re.MULTILINE)
    return [CodeBlock(language, text) for language, text in found]


def commands_of(block: CodeBlock) -> list[list[str]]:
    """Processes that a block stands for."""
    if block.language == "python":
        return [[sys.executable, "-c", block.text]]
    assert block.language == "console", f"a block in {block.language} cannot be run"
    lines = re.sub(r"\\\n", "", block.text).splitlines()
    return [["bash", "-euc", line[2:]] for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every link inside the repository leads to a file, and to a heading where it names one."""
    assert list(broken_links(document)) == []


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if RUNS in text_of(path)], ids=lambda path: str(path.relative_to(ROOT))
)
def test_code_that_is_shown_as_running_runs(document: Path, tmp_path: Path) -> None:
    """Every marked block ends without an error, in a folder that looks like a fresh clone after its installation."""
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    for name in ("docs", "server"):
        (tmp_path / name).symlink_to(ROOT / name)
    command = bin_folder / "odograph"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m server "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    paths = os.pathsep.join([str(ROOT), str(ROOT / "proto")])
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONPATH": paths, "COLUMNS": "120"}
    for block in runnable_blocks(document):
        for process in commands_of(block):
            done = subprocess.run(  # noqa: S603 - the commands of our own documents
                process, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{process[-1]}\n{done.stdout}\n{done.stderr}"
