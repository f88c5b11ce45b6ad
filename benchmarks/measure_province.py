"""Measures how long a map of the size of a province takes to import: copies of a city side by side, joined by roads.

Run it from the project's folder, on an otherwise idle machine::

    python -m benchmarks.measure_province [--map FILE] [--sides 1 2 4] [--quick] [--json]

One line for each size: ``side`` times ``side`` copies. Each is imported in a process of its own, kernels on disk, to a
stored network that can be opened and asked (file, network, routing index and grid). The copies are of the Porto
extract, with ``--quick`` of Shanghai's centre, and only 1 and 4 of them.

Keys, of the largest size: ``province_edges``, ``province_road_km``, ``province_import_s`` (wall), ``province_cpu_s``,
``province_peak_mb``; ``province_growth_exponent``: of the CPU time with the number of edges, over all sizes.
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
from pathlib import Path

from benchmarks.map_tiles import tiled_map
from benchmarks.measure_roads_growth import exponent

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ODOGRAPH_DATA", PROJECT.parent / "shared" / "data"))
SIDES, SIDES_QUICK = (1, 2, 4), (1, 2)
CITY, CITY_QUICK = "porto_portugal.osm.pbf", "shanghai-centre.osm.pbf"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--map", type=Path, help="OSM file of a city (default: the Porto extract of the data folder)")
    parser.add_argument("--sides", type=int, nargs="+", help="copies in a row (default: 1 2 4)")
    parser.add_argument("--quick", action="store_true", help="a small city, and four copies at most")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--step", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(imported(*options.step)))
        return
    file = options.map or DATA / "extracts" / (CITY_QUICK if options.quick else CITY)
    if not file.is_file():
        sys.exit(f"there is no {file.name} in {file.parent}: set ODOGRAPH_DATA, or give --map")
    sides = options.sides or (SIDES_QUICK if options.quick else SIDES)
    with tempfile.TemporaryDirectory() as folder:
        # The first import compiles what is not compiled yet, and does not count.
        rows = [measured(file, side, Path(folder)) for side in (1, *sides)][1:]
    for row in rows:
        print("  ".join(f"{key} {value:.5g}" for key, value in row.items()))
    last = rows[-1]
    results = {f"province_{key}": round(value, 1) for key, value in last.items()}
    if len(rows) > 1:
        growth = exponent([row["edges"] for row in rows], [row["cpu_s"] for row in rows])
        results["province_growth_exponent"] = round(growth, 3)
        print(f"exponent of the CPU time: {growth:.2f}")
    if options.json:
        print(json.dumps(results))


def measured(file: Path, side: int, folder: Path) -> dict[str, float]:
    """Tile a map, and import it in a process of its own."""
    print(f"{side * side} copies …", file=sys.stderr, flush=True)
    tiles = folder / f"province-{side}.osm.pbf"
    tiled_map(file, side, tiles)
    print(f"importing {tiles.stat().st_size / 1e6:.0f} MB …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks.measure_province", "--step", str(tiles), str(folder / f"{side}")]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False)  # noqa: S603 - this very script
    if done.returncode:
        sys.exit(f"the import failed:\n{done.stderr}")
    wall_s = time.perf_counter() - start
    return {**json.loads(done.stdout.splitlines()[-1]), "import_s": wall_s}


def imported(file: Path, folder: Path) -> dict[str, float]:
    """Import one map in this process, and open it again."""
    # Loading what computes is for this process alone.
    from geo.roads.from_osm_file import import_osm_file  # noqa: PLC0415
    from geo.roads.profiles import CAR  # noqa: PLC0415
    from server.compute.network_folder import open_network_folder, write_network_folder  # noqa: PLC0415

    start = time.process_time()
    network = import_osm_file(file, CAR).network
    read_s = time.process_time() - start
    write_network_folder(network, folder)
    opened, _, _ = open_network_folder(folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "edges": float(opened.edge_count),
        "road_km": float(opened.edge_length_cm[~opened.edge_is_backward].sum() / 1e5),
        "network_s": read_s,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
