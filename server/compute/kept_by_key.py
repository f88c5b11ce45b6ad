"""Keeps the last few of what is expensive to make: made once for each key, whoever else asks for it meanwhile."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class KeptByKey(Generic[Kept]):
    """Values by key; several threads may ask at once.

    Who asks for a value that is being made waits for it; who asks for another one does not.

    Parameters
    ----------
    most
        How many are kept; those least recently asked for are dropped.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._futures: OrderedDict[bytes, Future[Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes, make: Callable[[], Kept]) -> Kept:
        """Return the value of a key, made now or before.

        Parameters
        ----------
        key
            Which.
        make
            Makes it. What it raises is raised here, for everybody who waits, and nothing is kept.

        Returns
        -------
        Kept
            The value.
        """
        with self._lock:
            future = self._futures.get(key)
            is_new = future is None
            if future is None:
                future = self._futures[key] = Future()
            self._futures.move_to_end(key)
            while len(self._futures) > self._most:
                self._futures.popitem(last=False)
        if is_new:
            try:
                future.set_result(make())
            except BaseException as error:
                with self._lock:
                    if self._futures.get(key) is future:
                        del self._futures[key]
                future.set_exception(error)
                raise
        return future.result()
