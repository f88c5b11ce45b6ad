"""A folder of numpy arrays that opens in milliseconds: how every index that `geo` builds is kept on disk.

Each array is one ``.npy`` file, memory-mapped on opening, so that several processes share its pages and nothing is
read before it is used. ``manifest.json`` names the kind and the format version, and for each array its type, shape and
SHA-256.

A folder is written under another name beside its place and then renamed: whoever opens it sees the old one, the new
one or none, never half of one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import NetworkFileError

MANIFEST = "manifest.json"

AnyArray = NDArray[Any]


@dataclass(frozen=True, eq=False)
class ArrayFolder:
    """What a folder holds.

    Parameters
    ----------
    arrays
        Read-only arrays by name, memory-mapped.
    attributes
        Whatever else was written, as JSON reads it back.
    """

    arrays: Mapping[str, AnyArray]
    attributes: Mapping[str, Any]


def write_array_folder(
    folder: str | PathLike[str],
    arrays: Mapping[str, AnyArray],
    attributes: Mapping[str, Any],
    *,
    kind: str,
    version: int,
) -> None:
    """Write arrays and attributes, replacing a folder that is there.

    Parameters
    ----------
    folder
        Where; its parent is made where missing.
    arrays
        Arrays by name (a file name without its ending).
    attributes
        Anything that JSON can hold.
    kind, version
        What the folder is, and in which version of its format.
    """
    target = Path(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    half_written = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    half_written.mkdir()
    try:
        descriptions = {name: _write_array(half_written / f"{name}.npy", array) for name, array in arrays.items()}
        manifest = {"kind": kind, "version": version, "attributes": dict(attributes), "arrays": descriptions}
        (half_written / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
        _move_into_place(half_written, target)
    finally:
        shutil.rmtree(half_written, ignore_errors=True)


def open_array_folder(
    folder: str | PathLike[str], *, kind: str, version: int, verify_content: bool = False
) -> ArrayFolder:
    """Open a folder that `write_array_folder` wrote.

    Parameters
    ----------
    folder
        Where it is.
    kind, version
        What it must be.
    verify_content
        Whether to read everything and compare its hash. Missing, truncated and exchanged files are found without.

    Returns
    -------
    ArrayFolder
        Its arrays and attributes.

    Raises
    ------
    NetworkFileError
        There is no such folder, it is damaged, or of another kind or version.
    """
    place = Path(folder)
    manifest = _read_manifest(place, kind, version)
    try:
        descriptions = dict(manifest["arrays"])
        attributes = dict(manifest["attributes"])
        arrays = {name: _open_array(place / f"{name}.npy", description) for name, description in descriptions.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{kind} {place.name!r} is damaged ({error})"
        raise NetworkFileError(message) from error
    if verify_content:
        wrong = [name for name, array in arrays.items() if _hash(array) != descriptions[name]["sha256"]]
        if wrong:
            message = f"{kind} {place.name!r} is damaged: the content of {', '.join(sorted(wrong))} has changed"
            raise NetworkFileError(message)
    return ArrayFolder(arrays, attributes)


def _write_array(path: Path, array: AnyArray) -> dict[str, Any]:
    # One byte order everywhere, so that a folder can be carried to any machine and hashes alike.
    little_endian = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    np.save(path, little_endian, allow_pickle=False)
    return {
        "dtype": little_endian.dtype.str,
        "shape": list(little_endian.shape),
        "bytes": path.stat().st_size,
        "sha256": _hash(little_endian),
    }


def _move_into_place(half_written: Path, target: Path) -> None:
    if not target.exists():
        half_written.rename(target)
        return
    replaced = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    target.rename(replaced)
    half_written.rename(target)
    shutil.rmtree(replaced, ignore_errors=True)


def _read_manifest(place: Path, kind: str, version: int) -> dict[str, Any]:
    try:
        manifest = json.loads((place / MANIFEST).read_text("utf-8"))
        found_kind, found_version = manifest["kind"], manifest["version"]
    except FileNotFoundError:
        message = f"there is no {kind} {place.name!r}"
        raise NetworkFileError(message) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{kind} {place.name!r} is damaged: its manifest cannot be read"
        raise NetworkFileError(message) from error
    if found_kind != kind:
        message = f"{place.name!r} is a {found_kind}, not a {kind}"
        raise NetworkFileError(message)
    if found_version != version:
        message = f"{kind} {place.name!r} has format version {found_version}; this release reads version {version}"
        raise NetworkFileError(message)
    return dict(manifest)


def _open_array(path: Path, description: Mapping[str, Any]) -> AnyArray:
    if path.stat().st_size != description["bytes"]:
        message = f"{path.name} has {path.stat().st_size} bytes instead of {description['bytes']}"
        raise ValueError(message)
    # An empty array cannot be mapped. Plain arrays, not np.memmap: compiled kernels know no subclasses.
    is_empty = 0 in description["shape"]
    array = np.asarray(np.load(path, mmap_mode=None if is_empty else "r", allow_pickle=False))
    if array.dtype.str != description["dtype"] or list(array.shape) != description["shape"]:
        message = f"{path.name} holds another type or shape than the manifest says"
        raise ValueError(message)
    array.setflags(write=False)
    return array


def _hash(array: AnyArray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()
