"""Measures how long ``odograph serve`` takes from the command to SERVING, and to its first answer.

The service runs in a process of its own on loopback, with the map of the demo already imported: first with no compiled
kernel at all, then again with those that the first start has left. Run it on an otherwise idle machine; it takes some
minutes, most of them compiling::

    python -m benchmarks.measure_start [--quick] [--json]

Keys, each with ``_cold`` and ``_warm``: ``start_serving_s`` is from the command until health.Check says SERVING,
``start_first_answer_s`` from the command to the answer of a ComputeRoute that is sent then, ``start_cpu_s`` what all
processes of the service have computed by then. With ``--quick``, the warm start alone, with the kernels that lie beside
the modules: where there are none yet, it is a cold one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from odograph import v1

PROJECT = Path(__file__).resolve().parents[1]
MAP = PROJECT / "server" / "demo" / "data" / "helsinki-centre.osm.pbf"
PATIENCE_S = 1800.0
CLOCK_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a start with the kernels beside the modules only")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), quick=options.quick)
    for key, value in results.items():
        print(f"{key:32} {value}")
    if options.json:
        print(json.dumps(results))


def measure(folder: Path, *, quick: bool) -> dict[str, float]:
    """Everything that this script measures, by its key."""
    import_map = [sys.executable, "-m", "server", "roads", "import", str(MAP), "--id", "town", "--data", str(folder)]
    subprocess.run(import_map, check=True, cwd=PROJECT, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    results: dict[str, float] = {}
    for temperature in ("warm",) if quick else ("cold", "warm"):
        print(f"a {temperature} start …", file=sys.stderr, flush=True)
        kernels = {} if quick else {"NUMBA_CACHE_DIR": str(folder / "kernels")}
        measured = measure_start(folder, {**os.environ, **kernels})
        results |= {f"{key}_{temperature}": round(value, 2) for key, value in measured.items()}
    return results


def measure_start(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    """Start the service, wait until it says SERVING, ask it for a route, and stop it."""
    command = [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(folder)]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True) as service:  # noqa: S603 - our own command
        assert service.stderr is not None
        lines = (re.search(r"listens on 127\.0\.0\.1:(\d+)", line) for line in service.stderr)
        port = next(found[1] for found in lines if found)
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            health = health_pb2_grpc.HealthStub(channel)
            asked = health_pb2.HealthCheckRequest()
            while health.Check(asked, timeout=PATIENCE_S).status != health_pb2.HealthCheckResponse.SERVING:
                time.sleep(0.01)
            serving_s = time.perf_counter() - start
            ask_for_a_route(channel)
            answer_s, cpu_s = time.perf_counter() - start, cpu_of_family_s(service.pid)
        service.send_signal(signal.SIGTERM)
        service.stderr.read()
    return {"start_serving_s": serving_s, "start_first_answer_s": answer_s, "start_cpu_s": cpu_s}


def ask_for_a_route(channel: grpc.Channel) -> None:
    """Ask for a way across the map."""
    stub = v1.RoadNetworkServiceStub(channel)
    bounds = stub.GetRoadNetwork(v1.GetRoadNetworkRequest(road_network_id="town")).bounds
    middle_degrees = (bounds.west_degrees + bounds.east_degrees) / 2
    ends = [
        v1.Position(
            latitude_degrees=bounds.south_degrees + share * (bounds.north_degrees - bounds.south_degrees),
            longitude_degrees=middle_degrees,
        )
        for share in (0.4, 0.6)
    ]
    request = v1.ComputeRouteRequest(
        road_network="town", coordinate_system=v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84, waypoints=ends
    )
    assert stub.ComputeRoute(request).distance_meters > 0


def cpu_of_family_s(pid: int) -> float:
    """CPU seconds of a process, of its children that run, and of all those that have ended (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    # User, system, and the same of children that have ended: the 14th to 17th field, of which two stand before the ")".
    own_s = sum(map(int, fields[11:15])) / CLOCK_TICKS_PER_S
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return own_s + sum(cpu_of_family_s(int(child)) for child in children)


if __name__ == "__main__":
    main()
