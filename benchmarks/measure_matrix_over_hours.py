"""Measures how far a matrix is from real ways where speeds change while they are driven.

An entry of a matrix takes of every hour its share of that hour's fastest way (`geo.routing.slot_travel`), so it may
promise less than any one path takes, or more. Here it is compared with the path that a route answers
(`geo.routing.slot_route`), between places all over Porto, with speeds by class and hour that are learnt from real taxi
trips, for departures shortly before the hours of a Monday morning at which speeds change. Run it from the project's
folder::

    python -m benchmarks.measure_matrix_over_hours [--quick] [--json]

Keys, over the pairs whose way is still driven when the hour ends:

* ``pairs_over_hours``: how many there are.
* ``matrix_short_median``, ``matrix_short_95pct``, ``matrix_short_worst``: by which share of its duration the path takes
  longer than the matrix says.
* ``matrix_long_worst``: by which share of its duration the path takes less at the most.
* ``path_is_longer``: share of the pairs whose path takes longer than the matrix says by more than a second.

The path is the best of those that are the fastest of one hour on the way, not of all: `matrix_short_…` are upper
bounds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.matching_data import porto_network
from benchmarks.measure_learnt_speeds import QUICK_TRIPS, ZONE, FloatArray, RoutersByHour, matched, say, taxi_trips
from geo.matching.driven_stretches import driven_stretches
from geo.matching.map_matcher import MapMatcher
from geo.roads.network import RoadNetwork
from geo.roads.snapping import Snapper
from geo.routing.learnt_speeds import learn_speeds
from geo.routing.positions import RoadPositions
from geo.routing.router import Router
from geo.routing.slot_route import route_over_slots
from geo.routing.slot_travel import matrix_over_slots
from geo.routing.time_profiles import TimeProfile

PLACES, QUICK_PLACES = 50, 25
HOURS = (7, 8, 9, 10)
BEFORE_S = 240
"""Of the ways of Porto, ten minutes long, about half is driven by then."""
MONDAY = datetime(2013, 7, 1, tzinfo=ZONE)
SEED = 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PLACES} places, speeds of {QUICK_TRIPS} trips")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    network = porto_network()
    router = Router.build(network)
    trips = list(taxi_trips(QUICK_TRIPS if options.quick else None))
    drives = matched(trips, MapMatcher(network))
    profile = learn_speeds(driven_stretches(network, router.turn_graph, drives, ZONE)).profile
    places = places_of(network, QUICK_PLACES if options.quick else PLACES)
    routers = RoutersByHour(router)
    rows = []
    for hour in HOURS:
        say(f"ways over {hour} o'clock …")
        rows.append(matrix_and_path_ms(routers, profile, MONDAY + timedelta(hours=hour, seconds=-BEFORE_S), places))
    results = figures(np.concatenate(rows))
    for key, value in results.items():
        print(f"{key:24} {value}")
    if options.json:
        print(json.dumps(results))


def places_of(network: RoadNetwork, count: int) -> RoadPositions:
    """Choose places by chance, at junctions of the largest part of the network."""
    junctions = np.unique(network.edge_tail[network.edge_component == 0])
    chosen = np.random.default_rng(SEED).choice(junctions, count, replace=False)
    return Snapper(network).snap(network.node_latitude_degrees[chosen], network.node_longitude_degrees[chosen])


def matrix_and_path_ms(
    routers: RoutersByHour, profile: TimeProfile, departure: datetime, places: RoadPositions
) -> FloatArray:
    """Milliseconds by the matrix and on the path, of each pair whose way outlasts the hour: ``(p, 2)``."""

    def slots() -> Iterator[tuple[float, Router]]:
        return ((slot.end_ms, routers.router(slot.factors)) for slot in profile.slots_from(departure))

    by_matrix_ms = matrix_over_slots(slots(), places, places).duration_ms
    rows = []
    for origin, destination in np.argwhere(by_matrix_ms > BEFORE_S * 1000).tolist():
        path = route_over_slots(slots(), places, places, origin=origin, destination=destination)
        rows.append((by_matrix_ms[origin, destination], path.duration_ms))
    return np.array(rows, np.float64).reshape(-1, 2)


def figures(durations_ms: FloatArray) -> dict[str, Any]:
    """Sum up how much longer paths take than their entries of the matrix."""
    by_matrix_ms, path_ms = durations_ms.T
    share = (path_ms - by_matrix_ms) / path_ms
    return {
        "pairs_over_hours": len(share),
        "matrix_short_median": round(float(np.median(share)), 5),
        "matrix_short_95pct": round(float(np.quantile(share, 0.95)), 5),
        "matrix_short_worst": round(float(share.max()), 5),
        "matrix_long_worst": round(float(-share.min()), 5),
        "path_is_longer": round(float(np.mean(path_ms - by_matrix_ms > 1000.0)), 4),
    }


if __name__ == "__main__":
    main()
