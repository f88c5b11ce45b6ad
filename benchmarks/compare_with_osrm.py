"""Compares ways of the road engine with those of OSRM, an independent engine, and explains every difference.

Both read the same file, each with its own car profile as it is. OSRM's ways come with their OSM nodes, and are laid on
our network, edge by edge; places are the middles of straight two-way roads. Run it from the project's folder, with
`ODOGRAPH_PEERS_PYTHON` naming a Python that has ``osrm-bindings``::

    python -m benchmarks.compare_with_osrm [--pairs 10000] [--quick] [--json]

``osrm_{cause}``: shares of the pairs, by what OSRM's way does on our network (`benchmarks.laid_ways.Cause`): it is
the same as ours; or allowed here and slower by our costs, or faster (which would be a fault of ours); or it does
something that our rules forbid.

Where it is allowed, the difference of the durations that the two engines state is the sum of three, to the millisecond,
each given as a share of our duration (``…_median``, ``…_p05``, ``…_p95``):

* ``osrm_speeds``: OSRM's seconds between the nodes of its way, less ours for the same roads: other speed tables;
* ``osrm_turns``: what OSRM adds for turns and signals on its way, less what we add;
* ``osrm_path``: our cost of its way, less that of ours: OSRM prefers another one.

``osrm_same_way_distance_…`` compares the lengths where both ways are the same, ``osrm_speed_of_{class}`` the speeds:
our seconds on all roads of that class that OSRM's ways drive, by OSRM's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.compare_with_routino import DATA
from benchmarks.laid_ways import Cause, WayLayer
from benchmarks.osrm_engine import VARIABLE, Osrm, OsrmWay
from benchmarks.straight_middles import middle_degrees, straight_middles
from geo.errors import UnreachableError
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadClass, RoadNetwork
from geo.roads.profiles import CAR
from geo.routing.positions import RoadPositions
from geo.routing.route import Route
from geo.routing.router import Router

SAME_WAY, NEITHER, ONLY_OURS, ONLY_THEIRS = "same_way", "and_we_find_none", "finds_none", "finds_one_where_we_find_none"
QUICK_PAIRS = 200
LEAST_SHARE_OF_CLASS = 0.01


@dataclass
class Differences:
    """What has been found so far.

    Parameters
    ----------
    causes
        Pairs by what OSRM's way does.
    shares
        Differences as shares of ours, by name.
    class_s
        ``(2, 26)`` seconds of OSRM and of us on the roads of OSRM's ways, by `RoadClass`.
    """

    causes: Counter[str] = field(default_factory=Counter)
    shares: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    class_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, len(RoadClass))))


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PAIRS} pairs, on Monaco")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    python = Osrm.python_with_bindings()
    file = DATA / "extracts" / ("monaco-osrm.osm.pbf" if options.quick else "porto_portugal.osm.pbf")
    if python is None or not file.is_file():
        sys.exit(f"needs {VARIABLE}, a Python that has osrm-bindings, and the extracts of ODOGRAPH_DATA")
    with tempfile.TemporaryDirectory() as folder:
        print("OSRM prepares its map …", file=sys.stderr, flush=True)
        engine = Osrm(file, Path(folder), python)
        results = compare(engine, import_osm_file(file, CAR).network, QUICK_PAIRS if options.quick else options.pairs)
    for key, value in results.items():
        print(f"{key:50} {value}")
    if options.json:
        print(json.dumps(results))


def compare(engine: Osrm, network: RoadNetwork, pair_count: int) -> dict[str, Any]:
    """Compare random pairs."""
    router, layer = Router.build(network), WayLayer(network)
    positions = straight_middles(network, pair_count)
    places = np.array([middle_degrees(network, edge) for edge in positions.edge.tolist()])
    found, ways = Differences(), engine.ways(places.reshape(2, pair_count, 2))
    for pair, theirs in enumerate(ways):
        try:
            ours = router.route(positions, positions, origin=pair, destination=pair_count + pair)
        except UnreachableError:
            ours = None
        if theirs is None or ours is None:
            found.causes[NEITHER if ours is theirs else ONLY_OURS if theirs is None else ONLY_THEIRS] += 1
            continue
        found.shares["distance"].append(100 * theirs.length_m / ours.length_cm - 1)
        found.shares["duration"].append(1000 * theirs.duration_s / ours.duration_ms - 1)
        explain(layer, network, theirs, ours, (positions, pair, pair_count + pair), found)
    return summary(found, pair_count)


def explain(
    layer: WayLayer,
    network: RoadNetwork,
    theirs: OsrmWay,
    ours: Route,
    ends: tuple[RoadPositions, int, int],
    found: Differences,
) -> None:
    """Say why two ways differ."""
    positions, origin, destination = ends
    laid = layer.lay_nodes(theirs.nodes, int(positions.edge[origin]), int(positions.edge[destination]))
    if laid.cause is not None:
        found.causes[laid.cause.name.lower()] += 1
        return
    roads_ms, turns_ms = layer.cost_ms(laid.edges, 0.5, 0.5), layer.turns_ms(laid.edges)
    excess_ms = roads_ms + turns_ms - ours.duration_ms
    is_same = list(laid.edges) == ours.edges.tolist()
    # Half a millisecond for the half of each end edge.
    slower = Cause.FASTER if excess_ms < -1 else Cause.SAME_COST if excess_ms <= 1 else Cause.SLOWER
    found.causes[SAME_WAY if is_same else slower.name.lower()] += 1
    their_roads_ms = 1000 * float(theirs.step_s.sum())
    found.shares["speeds"].append((their_roads_ms - roads_ms) / ours.duration_ms)
    found.shares["turns"].append((1000 * theirs.duration_s - their_roads_ms - turns_ms) / ours.duration_ms)
    found.shares["path"].append(excess_ms / ours.duration_ms)
    if is_same:
        found.shares["same_way_distance"].append(100 * theirs.length_m / ours.length_cm - 1)
    add_classes(network, laid.edges, layer.step_edges(theirs.nodes) or [], theirs.step_s, found)


def add_classes(
    network: RoadNetwork,
    edges: tuple[int, ...],
    step_edges: list[int],
    step_s: NDArray[np.float64],
    found: Differences,
) -> None:
    """Add up what both engines take for the roads that a way drives from end to end, by class."""
    driven, steps = np.array(edges[1:-1], np.int64), np.array(step_edges, np.int64)
    is_whole = (steps != edges[0]) & (steps != edges[-1])
    np.add.at(found.class_s[0], network.edge_road_class[steps[is_whole]], step_s[is_whole])
    np.add.at(found.class_s[1], network.edge_road_class[driven], network.edge_duration_ms[driven] / 1000)


def summary(found: Differences, pair_count: int) -> dict[str, Any]:
    """Shares of pairs, and quantiles of the differences."""
    results: dict[str, Any] = {"pairs": pair_count}
    results |= {f"osrm_{cause}": round(count / pair_count, 4) for cause, count in found.causes.most_common()}
    for name, shares in found.shares.items():
        for label, quantile in (("median", 0.5), ("p05", 0.05), ("p95", 0.95)):
            results[f"osrm_{name}_{label}"] = round(float(np.quantile(shares, quantile)), 5)
    theirs_s, ours_s = found.class_s
    for road_class in np.flatnonzero(ours_s > LEAST_SHARE_OF_CLASS * ours_s.sum()):
        name = RoadClass(road_class).name.lower()
        results[f"osrm_speed_of_{name}"] = round(ours_s[road_class] / theirs_s[road_class], 4)
    return results


if __name__ == "__main__":
    main()
