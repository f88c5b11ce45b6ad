"""Measures the running service: latency of small calls, health under load, cancelling, recording and auditing tracks.

The service runs in a process of its own on loopback, with the map of the demo; everything is called over gRPC. Run it
on an otherwise idle machine::

    python -m benchmarks.measure_service [--quick] [--json]

Keys: ``unary_*`` is ComputeRoute between random places of the map, ``health_*`` is health.Check every 10 ms while two
plans are built, ``cancel_s`` is from CancelOperation to the plan, ``record_*`` is RecordTrack of workers' days at 1 Hz
on an SQLite file (or the database that ``ODOGRAPH_TEST_POSTGRESQL_URL`` names), ``lost_points`` is what was sent less
what is stored, ``audit_worker_days_per_core_s`` is AuditTrack of days at 1 Hz, one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2, health_pb2_grpc
from odograph import v1

PROJECT = Path(__file__).resolve().parents[1]
MAP_FOLDER = PROJECT / "server" / "demo" / "data"
MAP_FILE = "helsinki-centre.osm.pbf"
NETWORK = "helsinki-foot"
WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84
DAY_START_S = 1_772_438_400
HEALTH_INTERVAL_S = 0.01
PART_POINTS = 5_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer calls: under a minute once kernels are compiled")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    results = asyncio.run(measure(quick=options.quick))
    for key, value in results.items():
        print(f"{key:32} {value}")
    if options.json:
        print(json.dumps(results))


async def measure(*, quick: bool) -> dict[str, float]:
    """Everything that this script measures, by its key."""
    results: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with service(Path(folder)) as channel:
            network = await import_map(channel)
            results |= await measure_unary(channel, network.bounds, calls=200 if quick else 2000)
            results |= await measure_under_load(channel, network.bounds, seconds=5.0 if quick else 20.0)
            results |= await measure_audits(channel, network.bounds, days=3 if quick else 20)
            results |= await measure_recording(channel, "sqlite", workers=10 if quick else 50)
    if url := os.environ.get("ODOGRAPH_TEST_POSTGRESQL_URL"):
        with tempfile.TemporaryDirectory() as folder:
            async with service(Path(folder), database_url=url) as channel:
                results |= await measure_recording(channel, "postgresql", workers=10 if quick else 50)
    return {key: round(value, 4) for key, value in results.items()}


@asynccontextmanager
async def service(folder: Path, *, database_url: str = "") -> AsyncIterator[grpc.aio.Channel]:
    """Run the service in a process of its own and give a channel to it."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{PROJECT}{os.pathsep}{PROJECT / 'proto'}",
        "ODOGRAPH_MAP_FOLDER": str(MAP_FOLDER),
        "ODOGRAPH_DATABASE_URL": database_url,
        "ODOGRAPH_SOLVER_PROCESSES": "2",
    }
    command = (sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(folder))
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        port = ""
        while not port:
            line = (await process.stderr.readline()).decode()
            found = re.search(r"listens on [\d.]+:(\d+)", line)
            port = found[1] if found else ""
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        process.terminate()
        await process.communicate()


async def import_map(channel: grpc.aio.Channel) -> v1.RoadNetwork:
    """Import the demo's map for people on foot."""
    request = v1.ImportRoadNetworkRequest(source_file=MAP_FILE, profile="foot", road_network_id=NETWORK)
    operation = await v1.RoadNetworkServiceStub(channel).ImportRoadNetwork(request)
    watch = v1.WatchOperationRequest(operation_id=operation.id)
    return [each async for each in v1.OperationServiceStub(channel).WatchOperation(watch)][-1].road_network


async def measure_unary(channel: grpc.aio.Channel, bounds: v1.BoundingBox, *, calls: int) -> dict[str, float]:
    """Milliseconds of ComputeRoute between random places, one call after the other."""
    stub = v1.RoadNetworkServiceStub(channel)
    places = random_places(bounds, 2 * calls, seed=1)

    async def compute_one(number: int) -> None:
        waypoints = places[2 * number : 2 * number + 2]
        await stub.ComputeRoute(
            v1.ComputeRouteRequest(road_network=NETWORK, coordinate_system=WGS84, waypoints=waypoints)
        )

    times_ms = [await milliseconds_of(compute_one, number) for number in range(calls)]
    return {"unary_p50_ms": percentile(times_ms, 50), "unary_p99_ms": percentile(times_ms, 99)}


async def measure_under_load(channel: grpc.aio.Channel, bounds: v1.BoundingBox, *, seconds: float) -> dict[str, float]:
    """Milliseconds of health.Check while two plans are built, and seconds from a cancel to the plan."""
    searches = [asyncio.create_task(build_until_cancelled(channel, bounds, seed)) for seed in (1, 2)]
    stub = health_pb2_grpc.HealthStub(channel)
    times_ms = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        times_ms.append(await milliseconds_of(stub.Check, health_pb2.HealthCheckRequest()))
        await asyncio.sleep(HEALTH_INTERVAL_S)
    operations = v1.OperationServiceStub(channel)
    running = (await operations.ListOperations(v1.ListOperationsRequest(page_size=2))).operations
    cancelled_s = time.monotonic()
    for operation in running:
        await operations.CancelOperation(v1.CancelOperationRequest(operation_id=operation.id))
    ended_s = await asyncio.gather(*searches)
    return {
        "health_p50_ms_under_load": percentile(times_ms, 50),
        "health_p99_ms_under_load": percentile(times_ms, 99),
        "cancel_s": max(ended_s) - cancelled_s,
    }


async def build_until_cancelled(channel: grpc.aio.Channel, bounds: v1.BoundingBox, seed: int) -> float:
    """Build a plan of 300 visits until somebody cancels it; return when the plan came."""
    shift = v1.TimeWindow(start_time=Timestamp(seconds=DAY_START_S), end_time=Timestamp(seconds=DAY_START_S + 8 * 3600))
    visits = [
        v1.Visit(id=f"v{number}", position=place, duration=Duration(seconds=600), unserved_cost=50)
        for number, place in enumerate(random_places(bounds, 300, seed=seed))
    ]
    workers = [v1.Worker(id=f"w{number}", shift=shift) for number in range(10)]
    problem = v1.Problem(coordinate_system=WGS84, road_network=NETWORK, workers=workers, visits=visits)
    request = v1.BuildPlanRequest(problem=problem, time_limit=Duration(seconds=600))
    messages = [message async for message in v1.PlanningServiceStub(channel).BuildPlan(request)]
    assert messages[-1].plan.stop_reason == v1.Plan.STOP_REASON_CANCELLED
    return time.monotonic()


async def measure_audits(channel: grpc.aio.Channel, bounds: v1.BoundingBox, *, days: int) -> dict[str, float]:
    """Worker-days at 1 Hz audited per second, without a plan, one after the other."""
    stub = v1.AuditServiceStub(channel)
    tracks = [random_walk(bounds, seed) for seed in range(days + 1)]

    async def audit_one(points: v1.TrackPoints) -> None:
        await stub.AuditTrack(
            v1.AuditTrackRequest(worker_id="w", road_network=NETWORK, points=points, coordinate_system=WGS84)
        )

    await audit_one(tracks[0])
    times_ms = [await milliseconds_of(audit_one, track) for track in tracks[1:]]
    return {"audit_worker_days_per_core_s": 1000.0 / float(np.mean(times_ms))}


async def measure_recording(channel: grpc.aio.Channel, database: str, *, workers: int) -> dict[str, float]:
    """Points per second of workers who all send their day at the same time, and how many were lost."""
    points = random_walk(v1.BoundingBox(south_degrees=60, west_degrees=24, north_degrees=61, east_degrees=25), 1)
    count = len(points.unix_milliseconds)
    stub = v1.TrackServiceStub(channel)
    begin = time.perf_counter()
    answers = await asyncio.gather(
        *(stub.RecordTrack(recording(f"worker-{number}", points)) for number in range(workers))
    )
    seconds = time.perf_counter() - begin
    stored = sum(answer.track.point_count for answer in answers)
    for number in range(workers):
        name = v1.TrackName(worker_id=f"worker-{number}", day="2026-03-02")
        await stub.DeleteTrack(v1.DeleteTrackRequest(name=name))
    return {f"record_points_per_s_{database}": workers * count / seconds, "lost_points": workers * count - stored}


async def recording(worker_id: str, points: v1.TrackPoints) -> AsyncIterator[v1.RecordTrackRequest]:
    """Yield the stream of one worker's day."""
    day = v1.TimeWindow(
        start_time=Timestamp(seconds=DAY_START_S - 3600), end_time=Timestamp(seconds=DAY_START_S + 86_400)
    )
    name = v1.TrackName(worker_id=worker_id, day="2026-03-02")
    yield v1.RecordTrackRequest(header=v1.TrackHeader(name=name, coordinate_system=WGS84, working_hours=[day]))
    for first in range(0, len(points.unix_milliseconds), PART_POINTS):
        piece = slice(first, first + PART_POINTS)
        part = v1.TrackPoints(
            unix_milliseconds=points.unix_milliseconds[piece],
            latitude_degrees=points.latitude_degrees[piece],
            longitude_degrees=points.longitude_degrees[piece],
            accuracy_meters=points.accuracy_meters[piece],
        )
        yield v1.RecordTrackRequest(part=v1.TrackPart(first_sequence=first, points=part))


def random_places(bounds: v1.BoundingBox, count: int, *, seed: int) -> list[v1.Position]:
    """Places in the middle of the map."""
    share = np.random.default_rng(seed).uniform(0.2, 0.8, (count, 2))
    latitude = bounds.south_degrees + share[:, 0] * (bounds.north_degrees - bounds.south_degrees)
    longitude = bounds.west_degrees + share[:, 1] * (bounds.east_degrees - bounds.west_degrees)
    return [
        v1.Position(latitude_degrees=north, longitude_degrees=east)
        for north, east in zip(latitude.tolist(), longitude.tolist(), strict=True)
    ]


def random_walk(bounds: v1.BoundingBox, seed: int) -> v1.TrackPoints:
    """Eight hours at 1 Hz: walks between random places at 1.4 m/s, a stay of 20 minutes at each, noise of 3 m."""
    random = np.random.default_rng(seed)
    places = [(place.latitude_degrees, place.longitude_degrees) for place in random_places(bounds, 40, seed=seed)]
    knots, clock_s = [(0.0, *places[0])], 0.0
    for here, there in pairwise(places):
        metres = 111_195.0 * np.hypot(there[0] - here[0], (there[1] - here[1]) * 0.5)
        clock_s += min(metres / 1.4, 1200.0)
        knots += [(clock_s, *there), (clock_s + 1200.0, *there)]
        clock_s += 1200.0
    times_s = np.arange(8 * 3600)
    way = np.array(knots)
    noise = random.normal(0.0, 2.7e-5, (2, len(times_s)))
    return v1.TrackPoints(
        unix_milliseconds=((DAY_START_S + times_s) * 1000).tolist(),
        latitude_degrees=(np.interp(times_s, way[:, 0], way[:, 1]) + noise[0]).tolist(),
        longitude_degrees=(np.interp(times_s, way[:, 0], way[:, 2]) + 2 * noise[1]).tolist(),
        accuracy_meters=[5.0] * len(times_s),
    )


async def milliseconds_of(action: Callable[[Any], Awaitable[Any]], argument: object) -> float:
    """How long an awaited call takes."""
    begin = time.perf_counter()
    await action(argument)
    return 1000.0 * (time.perf_counter() - begin)


def percentile(values: list[float], share: float) -> float:
    """Return a percentile of some values."""
    return float(np.percentile(values, share))


if __name__ == "__main__":
    main()
