"""Compiles, while the service runs already, what only few problems need: deliveries, rests, soft windows, reloads.

These kernels take as long to compile as all others of planning together, so the service says that it is ready before
they are. A process of low priority compiles them then, into the cache that all processes share; until it has, a problem
with such rules waits for the compiler.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from optimizer.warm_up import compile_rare_rules

_LOWER_PRIORITY = 10


@contextmanager
def compiling_rare_rules() -> Iterator[None]:
    """Compile in another process for as long as the block lasts, or until all is compiled.

    Yields
    ------
    None
        Nothing depends on that process: what it has not compiled is compiled where it is first called.
    """
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.compute.rare_rules"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        yield
        return
    try:
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    os.nice(_LOWER_PRIORITY)
    compile_rare_rules()
