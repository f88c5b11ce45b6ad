"""Measures how the road engine grows: import, preparation, new speeds and queries at 1, 4 and 16 times a real map.

The maps are cut out of one extract, around its middle: a square with a sixteenth of its road nodes, one with a quarter,
and all of it. Each is a file of its own, imported like any other. Run it from the project's folder::

    python -m benchmarks.measure_roads_growth [--map FILE] [--plot FILE.svg] [--json]

For each measure the exponent ``b`` of ``cost = a · edges^b`` is fitted to the three sizes; 1 is linear. Times are CPU
times of this process, the best of some repetitions; kernels are compiled before.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray

from benchmarks.growth_plot import growth_svg
from benchmarks.road_answers_peer import junction_positions
from benchmarks.road_measures import fastest, measure_new_speeds
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.profiles import CAR
from geo.routing.router import Router

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ODOGRAPH_DATA", PROJECT.parent / "shared" / "data"))
SHARES = (1 / 16, 1 / 4, 1.0)
PAIRS = 1000
MATRIX_SIZE = 500


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--map", type=Path, help="OSM file (default: the Porto extract of the data folder)")
    parser.add_argument("--plot", type=Path, help="SVG file to draw the growth into")
    parser.add_argument("--quick", action="store_true", help="two sizes only: a sixteenth and a quarter")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    file = options.map or DATA / "extracts" / "porto_portugal.osm.pbf"
    if not file.is_file():
        sys.exit(f"there is no {file.name} in {file.parent}: set ODOGRAPH_DATA, or give --map")
    shares = SHARES[:2] if options.quick else SHARES
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(file, share, Path(folder)) for share in (shares[0], *shares)][1:]
    exponents = {key: exponent([row["edges"] for row in rows], [row[key] for row in rows]) for key in rows[0]}
    for row in rows:
        print("  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    print("exponents: " + "  ".join(f"{key} {value:.2f}" for key, value in exponents.items()))
    if options.plot:
        options.plot.write_text(growth_svg(rows, exponents), "utf-8")
    if options.json:
        print(json.dumps({f"growth_exponent_{key}": round(value, 3) for key, value in exponents.items()}))


def measured(file: Path, share: float, folder: Path) -> dict[str, float]:
    """Everything that is measured on one part of the map."""
    print(f"{share:.4f} of the map …", file=sys.stderr, flush=True)
    part = file if share == 1.0 else cut(file, share, folder / f"part-{share:.4f}.osm.pbf")
    start = time.process_time()
    network = import_osm_file(part, CAR).network
    imported = time.process_time()
    router = Router.build(network)
    prepared = time.process_time()
    row = {
        "edges": float(network.edge_count),
        "import_s": imported - start,
        "prepare_s": prepared - imported,
        "new_speeds_s": measure_new_speeds(router, 3),
    }
    return row | measured_queries(network, router)


def measured_queries(network: RoadNetwork, router: Router) -> dict[str, float]:
    """Cost of single ways and of a matrix between junctions of the largest component."""
    main = np.unique(network.edge_tail[network.edge_component == 0])
    junctions = np.random.default_rng(1).choice(main, 2 * PAIRS)
    positions = junction_positions(network, junctions)
    origins, destinations = (
        junction_positions(network, junctions[first : first + MATRIX_SIZE]) for first in (0, PAIRS)
    )

    def pairs() -> None:
        for pair in range(PAIRS):
            router.travel_cost(positions, positions, origin=pair, destination=PAIRS + pair)

    return {
        "one_to_one_us": 1e6 / PAIRS * fastest(pairs, 5),
        f"matrix_{MATRIX_SIZE}_ms": 1e3 * fastest(lambda: router.travel_matrix(origins, destinations), 7),
    }


def cut(file: Path, share: float, part: Path) -> Path:
    """Write the square around the middle of the road nodes that holds a share of them."""
    places = road_node_places(file)
    inside = places[:, 0][in_middle(places[:, 1:], share)]
    kept = set(inside.astype(np.int64).tolist())
    with osmium.SimpleWriter(part, overwrite=True) as writer:
        for entity in osmium.FileProcessor(file):
            if (
                (entity.is_node() and entity.id in kept)
                or (entity.is_way() and "highway" in entity.tags and any(node.ref in kept for node in entity.nodes))
                or (entity.is_relation() and entity.tags.get("type") == "restriction")
            ):
                writer.add(entity)
    return part


def road_node_places(file: Path) -> NDArray[np.float64]:
    """Return id, latitude and longitude of every node on a road."""
    wanted = {
        node.ref for way in osmium.FileProcessor(file, osmium.osm.WAY) if "highway" in way.tags for node in way.nodes
    }
    nodes = osmium.FileProcessor(file, osmium.osm.NODE)
    return np.array([(node.id, node.lat, node.lon) for node in nodes if node.id in wanted])


def in_middle(places: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Mark the places in the square around the median place that holds a share of all."""
    offset = places - np.median(places, axis=0)
    offset[:, 1] *= np.cos(np.radians(places[:, 0].mean()))
    radius = np.abs(offset).max(axis=1)
    near: NDArray[np.bool_] = radius <= np.quantile(radius, share)
    return near


def exponent(sizes: list[float], costs: list[float]) -> float:
    """Slope of the line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


if __name__ == "__main__":
    main()
