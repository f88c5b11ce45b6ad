"""Compiled kernels are forgotten exactly when a source has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.compute.kernel_cache import forget_kernels_of_other_sources


@pytest.mark.parametrize("has_folder", [False, True])
def test_kernels_of_other_sources_are_forgotten(tmp_path: Path, *, has_folder: bool) -> None:
    """A change in any module removes the indices of all kernels, once; nothing else is touched."""
    package = tmp_path / "roads"
    compiled = tmp_path / "cache" / "roads_0a1b" if has_folder else package / "__pycache__"
    compiled.mkdir(parents=True)
    package.mkdir(exist_ok=True)
    source, index, other = package / "one_kernels.py", compiled / "one_kernels.f-1.py311.nbi", compiled / "one.pyc"
    cache = str(tmp_path / "cache") if has_folder else None

    def survives() -> bool:
        index.touch()
        forget_kernels_of_other_sources([package], cache)
        return index.exists()

    source.write_text("LEAST = 1", encoding="utf-8")
    other.touch()
    assert not survives()
    assert survives()
    source.write_text("LEAST = 2", encoding="utf-8")
    assert not survives()
    assert survives()
    assert other.exists()


def test_a_package_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    """Where the cache is no folder, nothing is done and nothing fails."""
    package = tmp_path / "roads"
    package.mkdir()
    (package / "one.py").touch()
    no_folder = tmp_path / "file"
    no_folder.touch()
    forget_kernels_of_other_sources([package], str(no_folder))
    assert no_folder.read_bytes() == b""
