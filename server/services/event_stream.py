"""Turns work that tells what happens into a stream of what happened, with its result at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

Event = TypeVar("Event")
Result = TypeVar("Result")


async def events_then_result(
    work: Callable[[Callable[[Event], None]], Awaitable[Result]],
) -> AsyncGenerator[Event | Result, None]:
    """Run some work and yield its events as they happen, then its result.

    Parameters
    ----------
    work
        Gets a function to tell events to; ended where the reader of this stream goes away.

    Yields
    ------
    Event | Result
        Events, and last the result; an error of the work is raised in its place.
    """
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(events.put_nowait))
    task.add_done_callback(lambda _: events.put_nowait(None))
    try:
        while (event := await events.get()) is not None:
            yield event
        yield await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
