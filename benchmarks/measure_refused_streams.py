"""Counts how often a stream that is refused while it is being sent ends in something else than its refusal.

A call that ends while its caller still writes makes the asynchronous client of gRPC for Python report the failed write
(``INTERNAL``, "Internal error from Core") where it should report the status that the server sent; its blocking client
does not. So the service takes the rest of a refused stream before it answers (`server.transport.message_reading`).
This measure sends streams to a method that refuses them at their first message, with and without that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import grpc
from odograph import v1
from odograph.v1 import track_service_pb2
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.progress import track

from server.call_context import CallContext
from server.errors import FieldViolation, InvalidRequestError
from server.settings import Settings
from server.transport import method_handlers
from server.transport.grpc_server import GrpcServer
from server.transport.metrics import CallMetrics

METHOD = "/odograph.v1.TrackService/RecordTrack"
AT_ONCE = 20
SHAPES = ((10, 2), (10, 200), (100_000, 50))
"""Bytes of a message, and messages of a stream."""


class _Refusing:
    async def RecordTrack(  # noqa: N802 - an API method
        self, requests: AsyncIterator[v1.RecordTrackRequest], _call: CallContext
    ) -> v1.RecordTrackResponse:
        await anext(requests)
        raise InvalidRequestError((FieldViolation("header", "is refused"),))


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    services = {track_service_pb2.DESCRIPTOR.services_by_name["TrackService"]: _Refusing()}
    server = GrpcServer(services, settings=Settings(port=0), metrics=CallMetrics(CollectorRegistry()))
    port = await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop()


def _stream(size: int, count: int) -> Iterator[bytes]:
    name = v1.TrackName(worker_id="x" * size)
    return iter([v1.RecordTrackRequest(header=v1.TrackHeader(name=name)).SerializeToString()] * count)


async def _asynchronous(address: str, size: int, count: int) -> list[grpc.StatusCode]:
    async with grpc.aio.insecure_channel(address) as channel:
        calls = [channel.stream_unary(METHOD)(_stream(size, count)) for _ in range(AT_ONCE)]
        return [await call.code() for call in calls]


def _blocking(address: str, size: int, count: int) -> list[grpc.StatusCode]:
    with grpc.insecure_channel(address) as channel:
        calls = [channel.stream_unary(METHOD).future(_stream(size, count)) for _ in range(AT_ONCE)]
        return [call.code() for call in calls]


async def _nothing(_contents: AsyncIterator[bytes]) -> None:
    """Stand in for taking the rest of a stream."""


async def _internal_share(rounds: int, *, is_blocking: bool, console: Console, what: str) -> float:
    found: Counter[grpc.StatusCode] = Counter()
    async with _server() as address:
        for _ in track(range(rounds), description=what, console=console, transient=True):
            for shape in SHAPES:
                if is_blocking:
                    found.update(await asyncio.to_thread(_blocking, address, *shape))
                else:
                    found.update(await _asynchronous(address, *shape))
    return found[grpc.StatusCode.INTERNAL] / found.total()


async def _measure(rounds: int) -> dict[str, float]:
    console = Console(stderr=True)
    shares = {}
    for name, is_blocking in (("asynchronous", False), ("blocking", True)):
        with patch.object(method_handlers, "drain", _nothing):
            key = f"{name}_client_internal_share_without_draining"
            shares[key] = await _internal_share(rounds, is_blocking=is_blocking, console=console, what=key)
        key = f"{name}_client_internal_share"
        shares[key] = await _internal_share(rounds, is_blocking=is_blocking, console=console, what=key)
    return shares


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer streams")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    options = parser.parse_args()
    shares = asyncio.run(_measure(3 if options.quick else 30))
    for key, share in shares.items():
        print(f"{key:55} {share:8.2%}")
    if options.json:
        print(json.dumps(shares))


if __name__ == "__main__":
    main()
