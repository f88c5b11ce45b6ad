"""One warm child process that solves one problem at a time, spoken to from the event loop.

The child is spawned, never forked: a fork would copy gRPC's threads in the middle of whatever they do. A thread waits
for its messages, because a plan may be larger than a pipe holds and the event loop must not wait for the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

PROCESS_NAME = "odograph-solver"

ServeFunction = Callable[[Connection], None]


class ChildLostError(Exception):
    """The child process ended without having been asked to."""


class SolverChild:
    """One child process. All methods belong to the event loop that made it.

    Parameters
    ----------
    serve
        What the child runs: a function of an importable module that answers over its end of a pipe.
    """

    def __init__(self, serve: ServeFunction) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(target=serve, args=(child_end,), daemon=True, name=PROCESS_NAME)
        self._process.start()
        child_end.close()
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        self._reader = threading.Thread(target=self._read, args=(loop,), daemon=True, name="odograph-solver-reader")
        self._reader.start()

    @property
    def process_id(self) -> int:
        """Number of the process."""
        return self._process.pid or 0

    async def send(self, message: object) -> None:
        """Send one message; where the child is gone, `receive` will say so."""
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._pipe.send, message)

    async def receive(self) -> Any:  # noqa: ANN401 - any message of the protocol
        """Wait for the next message.

        Raises
        ------
        ChildLostError
            Where the child is gone.
        """
        message = await self._inbox.get()
        if isinstance(message, ChildLostError):
            self._inbox.put_nowait(message)
            raise message
        return message

    def kill(self) -> None:
        """End the process at once; `receive` then says that it is lost."""
        self._process.kill()

    async def end(self) -> None:
        """End the process at once and free what it held."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        await asyncio.to_thread(self._reader.join)
        self._pipe.close()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                message = ChildLostError("the solver process ended")
            with contextlib.suppress(RuntimeError):  # the loop may be closed already
                loop.call_soon_threadsafe(self._inbox.put_nowait, message)
            if isinstance(message, ChildLostError):
                return
