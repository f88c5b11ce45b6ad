"""The guide to planning: its example runs and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.plan import UnplannedReason

DOCUMENT = (Path(__file__).parents[2] / "docs" / "planning.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("number", range(2))
def test_an_example_prints_what_the_guide_says(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The code of the guide is run as it stands."""
    code, printed = EXAMPLES[number]
    exec(compile(code, "planning.md", "exec"), {})  # noqa: S102 - our own document
    assert capsys.readouterr().out == printed


def test_every_reason_is_in_the_guide() -> None:
    """A reason that a plan may give is explained in the guide."""
    assert all(f"`{reason.value}`" in DOCUMENT for reason in UnplannedReason)
