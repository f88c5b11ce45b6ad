"""Every module of compiled kernels is compared with a naive twin by a property test that says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tracked_files import ROOT, syntax_tree, tracked_python


def kernel_modules() -> list[str]:
    """Names of the modules that hold kernels."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in tracked_python()
        if path.name.endswith("_kernels.py") and path.relative_to(ROOT).parts[0] in {"geo", "optimizer"}
    )


def claims(source: str) -> Iterator[tuple[str, set[str], bool]]:
    """Yield each test that names kernels: its name, the modules, and whether it draws its input and has a twin at hand.

    A test names them by ``@pytest.mark.twin_of("geo.tracks.stay_kernels", …)``.
    """
    tree = syntax_tree(source)
    has_twin = any(
        (isinstance(node, ast.ImportFrom) and "naive" in (node.module or ""))
        or (isinstance(node, ast.FunctionDef) and node.name.startswith("naive_"))
        for node in ast.walk(tree)
    )
    for test in ast.walk(tree):
        if isinstance(test, ast.FunctionDef):
            calls = [call for call in test.decorator_list if isinstance(call, ast.Call)]
            named = {
                ast.literal_eval(argument)
                for call in calls
                if ast.unparse(call.func) == "pytest.mark.twin_of"
                for argument in call.args
            }
            if named:
                yield test.name, named, has_twin and any(ast.unparse(call.func) == "given" for call in calls)


def all_claims() -> list[tuple[str, set[str], bool]]:
    """Collect what all tests claim."""
    tests = [path for path in tracked_python() if path.name.startswith("test_") and path != Path(__file__)]
    return [claim for path in tests for claim in claims(path.read_text(encoding="utf-8"))]


def test_every_kernel_has_a_naive_twin() -> None:
    """Each module of kernels is named by a property test that stands beside a naive twin."""
    named = {module for _, modules, _ in all_claims() for module in modules}
    assert [module for module in kernel_modules() if module not in named] == []
    assert named - set(kernel_modules()) == set()


def test_who_claims_a_twin_draws_and_compares() -> None:
    """A test that names kernels takes drawn input (hypothesis), and its file defines or imports a naive twin."""
    assert [name for name, _, is_sound in all_claims() if not is_sound] == []


@pytest.mark.parametrize(
    ("source", "is_sound"),
    [
        ("from tests.naive_x import f\n@pytest.mark.twin_of('a')\n@given(x)\ndef test_a(x): pass", True),
        ("def naive_f(): pass\n@pytest.mark.twin_of('a')\n@given(x)\ndef test_a(x): pass", True),
        ("@pytest.mark.twin_of('a')\n@given(x)\ndef test_a(x): pass", False),
        ("from tests.naive_x import f\n@pytest.mark.twin_of('a')\ndef test_a(): pass", False),
    ],
)
def test_an_empty_claim_is_noticed(source: str, is_sound: bool) -> None:
    """Without a twin at hand or without drawn input, a claim does not count."""
    assert list(claims(source)) == [("test_a", {"a"}, is_sound)]
