"""Two bounded sets of threads beside the event loop: one for geometric computing, one for storage.

The kernels of `geo` release the interpreter, so as many computations run side by side as there are threads; a storage
call mostly waits. Kept apart, a long match never delays a short read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

STORAGE_THREADS = 4

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class WorkThreads:
    """The threads of one service.

    Parameters
    ----------
    compute_threads
        Geometric computations that run at the same time.
    """

    def __init__(self, compute_threads: int) -> None:
        self._compute = ThreadPoolExecutor(compute_threads, thread_name_prefix="odograph-compute")
        self._storage = ThreadPoolExecutor(STORAGE_THREADS, thread_name_prefix="odograph-storage")

    async def compute(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Run a geometric computation; an error that it raises is raised here."""
        return await asyncio.get_running_loop().run_in_executor(self._compute, lambda: function(*args, **kwargs))

    async def store(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Run a method of the store; an error that it raises is raised here."""
        return await asyncio.get_running_loop().run_in_executor(self._storage, lambda: function(*args, **kwargs))

    def close(self) -> None:
        """Wait for what runs, drop what waits, and end the threads."""
        self._compute.shutdown(cancel_futures=True)
        self._storage.shutdown(cancel_futures=True)
