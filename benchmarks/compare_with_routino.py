"""Compares ways of the road engine with those of routino, an independent engine, and explains every difference.

Both read the same file, each with its own reader, its own handling of tags and restrictions and its own search. Routino
knows neither turn costs nor costs of signals, so both engines get the class speeds of the car profile and whole speed
limits, without surfaces, turn costs and signals. Places are the middles of straight two-way roads. Run it from the
project's folder::

    python -m benchmarks.compare_with_routino [--pairs 10000] [--quick] [--json]

Every way of routino is laid on our network, edge by edge, and counted by what it does there: it is allowed and costs
the same by our speeds, or more, or less (which would be a fault of ours); or it does something that our rules forbid
(`benchmarks.laid_ways.Cause`). ``…_difference`` compares the sums that the two engines state themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.laid_ways import Cause, WayLayer
from benchmarks.routino_engine import Routino, TheirWay
from benchmarks.straight_middles import middle_degrees, our_cost, straight_middles
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import TurnCosts
from geo.roads.profiles import CAR
from geo.routing.route import TravelCost
from geo.routing.router import Router

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ODOGRAPH_DATA", PROJECT.parent / "shared" / "data"))
COMPARED = replace(
    CAR,
    turn_costs=TurnCosts(turn_s=0.0, u_turn_s=0.0, traffic_signal_s=0.0),
    maxspeed_share=1.0,
    surface_speeds_kmh={},
    smoothness_speeds_kmh={},
    tracktype_speeds_kmh={},
)
ONLY_OURS, ONLY_THEIRS, NEITHER = "finds_none", "finds_one_where_we_find_none", "and_we_find_none"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="200 pairs")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    file = DATA / "extracts" / "porto_portugal.osm.pbf"
    if not shutil.which("routino-router") or not file.is_file():
        sys.exit("needs the Debian package routino, and the extracts of ODOGRAPH_DATA")
    with tempfile.TemporaryDirectory() as folder:
        results = compare(file, Path(folder), 200 if options.quick else options.pairs)
    for key, value in results.items():
        print(f"{key:60} {value}")
    if options.json:
        print(json.dumps(results))


def compare(file: Path, folder: Path, pair_count: int) -> dict[str, Any]:
    """Compare random pairs and count the causes of differences."""
    engine = Routino(file, COMPARED, folder)
    network = import_osm_file(file, COMPARED).network
    router, layer = Router.build(network), WayLayer(network)
    positions = straight_middles(network, pair_count)
    causes: Counter[str] = Counter()
    shares = np.full((pair_count, 2), np.nan)
    excesses: list[float] = []
    for pair in range(pair_count):
        if pair % 500 == 0:
            print(f"{pair} of {pair_count} pairs", file=sys.stderr, flush=True)
        ends = (pair, pair_count + pair)
        theirs = engine.way(*(middle_degrees(network, int(positions.edge[end])) for end in ends))
        ours = our_cost(router, positions, ends)
        if theirs is None or ours is None:
            causes[NEITHER if ours is theirs else ONLY_OURS if theirs is None else ONLY_THEIRS] += 1
            continue
        shares[pair] = (
            theirs.duration_s / (ours.duration_ms / 1e3) - 1.0,
            theirs.length_m / (ours.length_cm / 1e2) - 1.0,
        )
        cause, excess = judged(layer, theirs, ours, [int(positions.edge[end]) for end in ends])
        causes[cause] += 1
        if excess > 0:
            excesses.append(excess)
    results = summary(shares[~np.isnan(shares[:, 0])], causes, pair_count)
    return results | {"routino_slower_median_excess": round(float(np.median(excesses or [0.0])), 5)}


def judged(layer: WayLayer, theirs: TheirWay, ours: TravelCost, edges: list[int]) -> tuple[str, float]:
    """Say what routino's way does on our network, and by which share it takes longer than ours."""
    laid = layer.lay(theirs.points[1:-1], edges[0], edges[1])
    if laid.cause is not None:
        return laid.cause.name.lower(), 0.0
    difference_ms = layer.cost_ms(laid.edges, 0.5, 0.5) - ours.duration_ms
    # Half a millisecond for the half of each end edge.
    if abs(difference_ms) <= 1.0:
        return Cause.SAME_COST.name.lower(), 0.0
    return (Cause.SLOWER if difference_ms > 0 else Cause.FASTER).name.lower(), difference_ms / ours.duration_ms


def summary(shares: NDArray[np.float64], causes: Counter[str], pair_count: int) -> dict[str, Any]:
    """Shares of pairs, and how far durations and lengths are apart."""
    results: dict[str, Any] = {"pairs": pair_count}
    for column, name in enumerate(("duration", "distance")):
        for label, share in (("median", 0.5), ("p05", 0.05), ("p95", 0.95)):
            results[f"routino_{name}_{label}_difference"] = round(float(np.quantile(shares[:, column], share)), 5)
    return results | {f"routino_{cause}": round(count / pair_count, 4) for cause, count in causes.most_common()}


if __name__ == "__main__":
    main()
