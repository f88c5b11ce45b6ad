"""Folders of arrays: what is written is what is opened, and damage is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from geo.array_folder import MANIFEST, open_array_folder, write_array_folder
from geo.errors import NetworkFileError

ARRAYS = {"numbers": np.arange(1000, dtype=np.int32), "empty": np.zeros((0, 2)), "flags": np.array([True, False])}


def _write(folder: Path) -> None:
    write_array_folder(folder, ARRAYS, {"name": "道路"}, kind="test index", version=3)


def test_what_is_written_is_what_is_opened(tmp_path: Path) -> None:
    """Values, types and shapes come back, read-only, also from a folder that replaces another."""
    for _ in range(2):
        _write(tmp_path / "index")
    opened = open_array_folder(tmp_path / "index", kind="test index", version=3, verify_content=True)
    assert opened.attributes == {"name": "道路"}
    assert opened.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert opened.arrays[name].dtype == array.dtype
        assert np.array_equal(opened.arrays[name], array)
        assert type(opened.arrays[name]) is np.ndarray
        assert not opened.arrays[name].flags.writeable
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_an_opened_folder_survives_its_replacement(tmp_path: Path) -> None:
    """Whoever holds a folder open keeps what was there when it was opened."""
    _write(tmp_path / "index")
    opened = open_array_folder(tmp_path / "index", kind="test index", version=3)
    write_array_folder(tmp_path / "index", {"numbers": np.zeros(3)}, {}, kind="test index", version=3)
    assert np.array_equal(opened.arrays["numbers"], ARRAYS["numbers"])


def test_a_failed_write_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    """What cannot be written changes nothing and leaves nothing behind."""
    _write(tmp_path / "index")
    with pytest.raises(TypeError):
        write_array_folder(tmp_path / "index", {}, {"not JSON": object()}, kind="test index", version=3)
    open_array_folder(tmp_path / "index", kind="test index", version=3, verify_content=True)
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def _truncate(folder: Path) -> None:
    array = folder / "numbers.npy"
    array.write_bytes(array.read_bytes()[:-4])


def _remove(folder: Path) -> None:
    (folder / "flags.npy").unlink()


def _exchange(folder: Path) -> None:
    np.save(folder / "numbers.npy", np.arange(2000, dtype=np.int16))


def _spoil_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("{")


def _list_as_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("[]")


def _forget_arrays(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["arrays"]["numbers"]["bytes"]
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("damage", [_truncate, _remove, _exchange, _spoil_manifest, _list_as_manifest, _forget_arrays])
def test_damage_is_one_clear_error(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """A truncated, missing or exchanged file, or a spoilt manifest, is found on opening."""
    _write(tmp_path / "index")
    damage(tmp_path / "index")
    with pytest.raises(NetworkFileError, match="'index' is damaged"):
        open_array_folder(tmp_path / "index", kind="test index", version=3)


def test_a_flipped_byte_is_found_when_the_content_is_verified(tmp_path: Path) -> None:
    """Content that changed without changing its size shows in its hash."""
    _write(tmp_path / "index")
    path = tmp_path / "index" / "numbers.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    open_array_folder(tmp_path / "index", kind="test index", version=3)
    with pytest.raises(NetworkFileError, match="the content of numbers has changed"):
        open_array_folder(tmp_path / "index", kind="test index", version=3, verify_content=True)


@pytest.mark.parametrize(
    ("name", "kind", "version", "message"),
    [
        ("index", "test index", 4, "has format version 3; this release reads version 4"),
        ("index", "matrix", 3, "is a test index, not a matrix"),
        ("nothing", "test index", 3, "there is no test index 'nothing'"),
    ],
)
def test_another_kind_or_version_is_refused(tmp_path: Path, name: str, kind: str, version: int, message: str) -> None:
    """Only a folder of the asked kind and version opens."""
    _write(tmp_path / "index")
    with pytest.raises(NetworkFileError, match=message):
        open_array_folder(tmp_path / name, kind=kind, version=version)
