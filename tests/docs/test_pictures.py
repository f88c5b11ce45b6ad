"""The pictures of the documents are what their script draws from today's code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def script() -> ModuleType:
    """Load the drawing script."""
    spec = importlib.util.spec_from_file_location("draw_pictures", FOLDER / "draw_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWING = script()


@pytest.mark.parametrize("name", DRAWING.PICTURES)
def test_the_committed_picture_is_what_the_script_draws(name: str) -> None:
    """Words are the same and places agree to a metre: run docs/pictures/draw_pictures.py where they do not."""
    drawn, committed = DRAWING.PICTURES[name](), FOLDER.joinpath(name).read_text(encoding="utf-8")
    assert NUMBER.sub("#", drawn) == NUMBER.sub("#", committed)
    for ours, theirs in zip(NUMBER.findall(drawn), NUMBER.findall(committed), strict=True):
        assert abs(float(ours) - float(theirs)) <= 1.0


def test_every_picture_is_shown_in_a_document() -> None:
    """No picture lies around unused."""
    texts = "".join(document.read_text(encoding="utf-8") for document in FOLDER.parent.glob("*.md"))
    assert {name for name in DRAWING.PICTURES if f"pictures/{name}" not in texts} == set()
    assert {file.name for file in FOLDER.glob("*.svg")} == set(DRAWING.PICTURES)
