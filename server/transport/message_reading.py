"""Reads the messages of a call: measures each, parses it, and takes what is left of a stream that is refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from server.errors import FieldViolation, InvalidRequestError, ViolationCode

FIELD = "request"
TRANSPORT_FACTOR = 2
"""Messages of up to twice the limit still come in, to be refused in words; above it gRPC itself refuses, and reads
nothing. So a call never holds more than twice the limit."""
DRAIN_S = 10.0
IDLE_S = 0.5

Request = TypeVar("Request", bound=Message)


def read_message(request_class: type[Request], content: bytes, *, most_bytes: int) -> Request:
    """Read one message.

    Parameters
    ----------
    request_class
        What it should be.
    content
        What came in.
    most_bytes
        How long it may be.

    Returns
    -------
    Request
        The message.

    Raises
    ------
    InvalidRequestError
        Where it is too long, or no such message.
    """
    if len(content) > most_bytes:
        rule = (
            f"is {len(content):,} bytes long, and a message may have at most {most_bytes:,}: ask for fewer things at a "
            "time, or send a track in several parts to TrackService.RecordTrack and then name it; the operator of "
            "the service sets the limit (ODOGRAPH_MAX_MESSAGE_BYTES)"
        )
        raise InvalidRequestError((FieldViolation(FIELD, ViolationCode.LIMIT_EXCEEDED, rule),))
    try:
        return request_class.FromString(content)
    except DecodeError as error:
        rule = f"is no message {request_class.DESCRIPTOR.full_name}"
        raise InvalidRequestError((FieldViolation(FIELD, ViolationCode.MALFORMED, rule),)) from error


async def read_stream(
    request_class: type[Request], contents: AsyncIterator[bytes], *, most_bytes: int
) -> AsyncIterator[Request]:
    """Read the messages of a stream as they come, each as `read_message` does.

    Parameters
    ----------
    request_class
        As in `read_message`.
    contents
        What comes in.
    most_bytes
        As in `read_message`.

    Yields
    ------
    Request
        The messages.
    """
    async for content in contents:
        yield read_message(request_class, content, most_bytes=most_bytes)


async def drain(contents: AsyncIterator[bytes]) -> None:
    """Take what is still being sent on a stream that is about to be refused, within bounds.

    A call that ends while its caller still writes resets the stream. The asynchronous client of gRPC for Python then
    reports the write that failed ("Internal error from Core") in place of the refusal, in up to a third of the calls
    (``benchmarks/measure_refused_streams.py`` counts them). So the rest is awaited: until the caller has written all,
    pauses for half a second, or goes on for ten.

    Parameters
    ----------
    contents
        The rest of the stream; thrown away.
    """
    end_s = time.monotonic() + DRAIN_S
    while time.monotonic() < end_s:
        try:
            await asyncio.wait_for(anext(contents), IDLE_S)
        except (StopAsyncIteration, TimeoutError):
            return
