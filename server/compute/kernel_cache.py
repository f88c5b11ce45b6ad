"""Throws compiled kernels away that were made of another version of the code.

Numba looks, before it takes a compiled kernel from disk, only at the file that the kernel stands in, and not at those
of the kernels and constants that were compiled into it. So whatever changes in the packages of kernels, all of them are
compiled anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import geo
import optimizer

_STAMP = "kernels.stamp"
_INDEX = "*.nbi"


def forget_stale_kernels() -> None:
    """Forget what was compiled of other sources; to be called before the first kernel is.

    Where the folder of a package cannot be written, nothing can be compiled into it either, and nothing is done.
    """
    packages = [Path(str(package.__file__)).parent for package in (geo, optimizer)]
    forget_kernels_of_other_sources(packages, os.environ.get("NUMBA_CACHE_DIR"))


def forget_kernels_of_other_sources(packages: list[Path], cache_folder: str | None) -> None:
    """Remove the indices of compiled kernels unless they were made of the sources as they are.

    Parameters
    ----------
    packages
        Folders of the packages that hold kernels.
    cache_folder
        Where compiled kernels are kept; None: beside the modules.
    """
    sources = sorted(source for package in packages for source in package.rglob("*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    stamp = (Path(cache_folder) if cache_folder else packages[0] / "__pycache__") / _STAMP
    try:
        if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest():
            return
        for index in _indices(sources, cache_folder):
            index.unlink(missing_ok=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest.hexdigest(), encoding="ascii")
    except OSError:
        return


def _indices(sources: list[Path], cache_folder: str | None) -> Iterator[Path]:
    """Find the indices of compiled kernels; numba names its folder for a module by that of the module."""
    for folder in {source.parent for source in sources}:
        if cache_folder:
            for compiled in Path(cache_folder).glob(f"{folder.name}_*"):
                yield from compiled.glob(_INDEX)
        else:
            yield from (folder / "__pycache__").glob(_INDEX)
