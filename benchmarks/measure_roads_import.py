"""Measures the import of an OSM file: seconds and memory from file to network, storing, reopening, and snapping.

The import runs in a process of its own, once with an empty cache of compiled kernels (what the first user after an
installation waits for) and once with a warm one. Run it on an otherwise idle machine::

    python benchmarks/measure_roads_import.py --json
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from geo.roads.network import RoadNetwork
from geo.roads.network_file import open_network, write_network
from geo.roads.segment_grid import build_segment_grid
from geo.roads.snapping import Snapper

PROJECT = Path(__file__).resolve().parents[1]
DEFAULT_DATA = PROJECT.parent / "shared" / "data"
PLACES = 50_000
NOISE_DEGREES = 2e-4


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="OSM file (default: the Porto extract of the data folder)")
    parser.add_argument("--profile", default="car")
    parser.add_argument("--quick", action="store_true", help="skip the import with an empty kernel cache")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--only-import", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    data = Path(os.environ.get("ODOGRAPH_DATA", DEFAULT_DATA))
    file = options.file or data / "extracts" / "porto_portugal.osm.pbf"
    if options.only_import:
        print(json.dumps(import_into(file, options.profile, options.only_import)))
        return
    with tempfile.TemporaryDirectory() as folder:
        results = measure(file, options.profile, Path(folder), quick=options.quick)
    for key, value in results.items():
        print(f"{key:28} {value}")
    if options.json:
        print(json.dumps(results))


def measure(file: Path, profile: str, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Everything that this script measures, by its key."""
    results: dict[str, Any] = {}
    if not quick:
        cold = import_in_process(file, profile, folder / "network", {"NUMBA_CACHE_DIR": str(folder / "kernels")})
        results |= {f"{key}_without_kernels": cold[key] for key in ("import_s", "import_cpu_s")}
    import_in_process(file, profile, folder / "network", {})
    results |= import_in_process(file, profile, folder / "network", {})
    network = open_network(folder / "network")
    results["reopen_ms"] = 1000 * fastest(lambda: open_network(folder / "network"), times=20)
    results["verify_ms"] = 1000 * fastest(lambda: open_network(folder / "network", verify_content=True), times=5)
    results["store_mb"] = sum(path.stat().st_size for path in (folder / "network").iterdir()) / 1e6
    results["segment_grid_ms"] = 1000 * fastest(lambda: build_segment_grid(network), times=5)
    results |= measure_snapping(network)
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in results.items()}


def import_in_process(file: Path, profile: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Import in a fresh process."""
    command = [sys.executable, __file__, str(file), "--profile", profile, "--only-import", str(folder)]
    whole_environment = {**os.environ, **environment, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=whole_environment)  # noqa: S603 - this very script
    return dict(json.loads(done.stdout.splitlines()[-1]))


def import_into(file: Path, profile: str, folder: Path) -> dict[str, Any]:
    """Import a file and store the network."""
    start = time.perf_counter()
    from geo.roads.from_osm_file import import_osm_file  # noqa: PLC0415 - loading it is part of what is measured
    from geo.roads.profiles import profile_named  # noqa: PLC0415

    network = import_osm_file(file, profile_named(profile)).network
    imported = time.perf_counter()
    write_network(network, folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "file_mb": file.stat().st_size / 1e6,
        "nodes": network.node_count,
        "edges": network.edge_count,
        "import_s": imported - start,
        "store_s": time.perf_counter() - imported,
        "import_cpu_s": usage.ru_utime + usage.ru_stime,
        "import_peak_mb": usage.ru_maxrss / 1024,
        "fingerprint": network.fingerprint,
    }


def measure_snapping(network: RoadNetwork) -> dict[str, float]:
    """Microseconds per place, for places scattered about the junctions of the network."""
    random = np.random.default_rng(1)
    node = random.integers(0, network.node_count, PLACES)
    latitude = network.node_latitude_degrees[node] + random.normal(0.0, NOISE_DEGREES, PLACES)
    longitude = network.node_longitude_degrees[node] + random.normal(0.0, NOISE_DEGREES, PLACES)
    snapper = Snapper(network)
    return {"snap_us": 1e6 / PLACES * fastest(lambda: snapper.snap(latitude, longitude), times=5)}


def fastest(action: Callable[[], object], *, times: int) -> float:
    """Seconds of the fastest of several runs, after one that warms up."""
    action()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
