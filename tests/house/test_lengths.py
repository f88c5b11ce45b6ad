"""Rules about length: a function fits a screen and a file has one job, or says beside it why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.tracked_files import ROOT, syntax_tree, tracked_python

MOST_BODY_LINES = 40
MOST_FILE_LINES = 400
REASON = "# Long because "

Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_span(function: Function) -> tuple[int, int]:
    """First and last line of a function's body, its docstring aside."""
    start = function.body[1:] if ast.get_docstring(function) is not None and len(function.body) > 1 else function.body
    return start[0].lineno, function.body[-1].end_lineno or function.body[-1].lineno


def overlong(source: str) -> Iterator[str]:
    """Name what is too long in a file and gives no reason."""
    lines = source.splitlines()
    if len(lines) > MOST_FILE_LINES and not any(line.startswith(REASON) for line in lines):
        yield f"the file has {len(lines)} lines"
    for function in ast.walk(syntax_tree(source)):
        if isinstance(function, Function):
            first, last = body_span(function)
            has_reason = any(line.strip().startswith(REASON) for line in lines[function.lineno : last])
            if last - first + 1 > MOST_BODY_LINES and not has_reason:
                yield f"{function.name} has {last - first + 1} lines"


def test_what_is_long_says_why() -> None:
    """No body over 40 lines and no file over 400, unless a comment says ``# Long because …``."""
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in tracked_python()
        for what in overlong(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("def f():\n" + "    x = 1\n" * 41, ["f has 41 lines"]),
        ("def f():\n" + "    x = 1\n" * 40, []),
        ("def f():\n    '''Doc.'''\n" + "    x = 1\n" * 40, []),
        ("async def f():\n    # Long because it must.\n" + "    x = 1\n" * 60, []),
        ("x = 1\n" * 401, ["the file has 401 lines"]),
        ("# Long because it must.\n" + "x = 1\n" * 401, []),
    ],
)
def test_length_is_noticed(source: str, named: list[str]) -> None:
    """A body of 41 lines and a file of 401 are named; a docstring does not count, and a reason is enough."""
    assert list(overlong(source)) == named
