"""The steps of `benchmarks.measure_roads`, each run in a process of its own."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.osrm_engine import Osrm
from benchmarks.road_answers_peer import PeerMatrices, compare_matrices, junction_positions
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.network_file import open_network
from geo.roads.profiles import CAR
from geo.roads.snapping import Snapper
from geo.routing.positions import RoadPositions
from geo.routing.route_geometry import route_points
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from server.compute.network_folder import open_network_folder, write_network_folder
from server.compute.query_compiler import compiling_queries

NETWORK = "network"
SIZES = (1000, 3000)
PAIRS, PAIRS_QUICK = 5000, 1500
PLACES_TO_SNAP = 50_000
PLACES_TO_REACH, ORIGINS, CUT_OFFS_MINUTES = 10_000, 20, (10, 5, 2)
NOISE_DEGREES = 2e-4
FAR_APART = 20_000
OSRM_REPETITIONS = 3


def first_import(file: Path, folder: Path) -> dict[str, Any]:
    """Go from a file to the first answers, and store the network; queries compile in a second process meanwhile."""
    with compiling_queries() as wait_for_queries:
        write_network_folder(import_osm_file(file, CAR).network, folder / NETWORK)
        wait_for_queries()
    network, snapper, router = open_network_folder(folder / NETWORK)
    nodes = slice(None, None, min(FAR_APART, network.node_count // 2))
    places = snapper.snap(network.node_latitude_degrees[nodes], network.node_longitude_degrees[nodes])
    router.travel_matrix(places, places)
    router.route(places, places, origin=0, destination=1)
    usage, beside = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "nodes": network.node_count,
        "edges": network.edge_count,
        "states": router.turn_graph.state_count,
        "import_cpu_s": usage.ru_utime + usage.ru_stime,
        "import_beside_cpu_s": beside.ru_utime + beside.ru_stime,
        "import_peak_mb": (usage.ru_maxrss + beside.ru_maxrss) / 1024,
        "stored_mb": sum(path.stat().st_size for path in (folder / NETWORK).rglob("*.npy")) / 1e6,
        "fingerprint": network.fingerprint,
    }


def first_answer(folder: Path) -> dict[str, Any]:
    """Open a stored network and find one way."""
    network, snapper, router = open_network_folder(folder / NETWORK)
    nodes = slice(None, None, min(FAR_APART, network.node_count // 2))
    places = snapper.snap(network.node_latitude_degrees[nodes], network.node_longitude_degrees[nodes])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cost = router.travel_cost(places, places, origin=0, destination=1)
    return {"cost_ms": cost.duration_ms, "first_answer_cpu_s": usage.ru_utime + usage.ru_stime}


def measure_answers(folder: Path, *, quick: bool, on_progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure reopening, new speeds, matrices beside the peer, single ways, and snapping."""
    times, place = 1 if quick else 5, folder / NETWORK
    results: dict[str, Any] = {"reopen_ms": 1e3 * fastest(lambda: open_network_folder(place), 20)}
    network, snapper, router = open_network_folder(place)
    on_progress("new speeds …")
    results["reweight_s"] = measure_new_speeds(router, times)
    on_progress("the order and the metric of routingkit-cch …")
    peer = PeerMatrices.of_network(network)
    for size in SIZES:
        on_progress(f"{size} x {size} …")
        results |= compare_matrices(router, peer, size, times=times)
    on_progress("single ways …")
    results |= measure_pairs(router, peer, PAIRS_QUICK if quick else PAIRS, times)
    if quick:
        return results
    results["verify_ms"] = 1e3 * fastest(lambda: open_network(place, verify_content=True), times)
    on_progress("one to many …")
    results |= measure_reach(router, times)
    return results | {"snap_us": measure_snapping(network, snapper, times)}


def measure_osrm(file: Path, folder: Path, python: str, *, on_progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure OSRM between the junctions of the matrices, and ours once more beside it; laying on roads included.

    OSRM is asked for places, so its times include finding their roads; ours do here, too.
    """
    network, snapper, router = open_network_folder(folder / NETWORK)
    on_progress("OSRM prepares its map …")
    engine = Osrm(file, folder, python)
    junctions = PeerMatrices.junctions_of(network)
    places = np.column_stack([network.node_latitude_degrees[junctions], network.node_longitude_degrees[junctions]])
    results: dict[str, Any] = {"osrm_import_cpu_s": engine.import_cpu_s}
    for size in SIZES:
        on_progress(f"{size} x {size} …")
        origins, destinations = np.split(places, 2)

        def ours(side: int = size) -> None:
            ends = [snapper.snap(*each[:side].T) for each in (origins, destinations)]  # noqa: B023 - called at once
            router.travel_matrix(*ends)

        ours_ms = 1e3 * fastest(ours, OSRM_REPETITIONS)
        theirs = engine.times(np.stack([origins, destinations]), size, PAIRS if size == SIZES[0] else 0)
        results |= {
            f"osrm_matrix_{size}_ms": theirs["table_ms"],
            f"osrm_matrix_{size}_with_distances_ms": theirs["table_with_distances_ms"],
            f"matrix_{size}_with_snapping_ms": ours_ms,
            f"matrix_{size}_osrm_ratio": ours_ms / theirs["table_ms"],
            f"matrix_{size}_osrm_with_distances_ratio": ours_ms / theirs["table_with_distances_ms"],
        }
        if size == SIZES[0]:
            results |= {"osrm_one_to_one_us": theirs["way_us"]}
            results |= {"osrm_one_to_one_geometry_us": theirs["way_with_geometry_us"]}
    return results


def measure_new_speeds(router: Router, times: int) -> float:
    """Seconds to a router for new durations of every edge."""
    network = router.network
    factors = np.random.default_rng(1).uniform(0.5, 1.5, network.edge_count)
    speeds = SpeedOverlay.of_network(network).with_durations(
        np.arange(network.edge_count), (network.edge_duration_ms * factors).astype(np.int32) + 1
    )
    return fastest(lambda: router.with_speeds(speeds), times)


def measure_pairs(router: Router, peer: PeerMatrices, count: int, times: int) -> dict[str, float]:
    """Microseconds per pair, called one by one from Python."""
    network = router.network
    chosen = np.random.default_rng(1).choice(peer.junctions, 2 * count)
    positions = junction_positions(network, chosen)

    def costs() -> None:
        for pair in range(count):
            router.travel_cost(positions, positions, origin=pair, destination=count + pair)

    def routes() -> None:
        for pair in range(count):
            route = router.route(positions, positions, origin=pair, destination=count + pair)
            route_points(network, route)
            network.edge_way_id[route.edges]

    actions = {
        "one_to_one_us": costs,
        "one_to_one_geometry_us": routes,
        "peer_one_to_one_us": lambda: peer.pairs(count),
    }
    return {key: 1e6 / count * fastest(action, times) for key, action in actions.items()}


def measure_reach(router: Router, times: int) -> dict[str, float]:
    """Milliseconds from one place to many, without and with a cut-off, and how many answers of the latter are wrong."""
    network, random = router.network, np.random.default_rng(1)
    edges = random.choice(np.flatnonzero(network.edge_component == 0), PLACES_TO_REACH + ORIGINS).astype(np.int32)
    nothing = np.zeros(len(edges))
    places = RoadPositions(
        edges, random.random(len(edges)), nothing, nothing.astype(np.int8), network.edge_component[edges]
    )
    results, wrong = {}, 0
    everything = [router.one_to_many(places, places, origin=origin).duration_ms[0] for origin in range(ORIGINS)]
    for minutes in (None, *CUT_OFFS_MINUTES):
        cut_off_s = None if minutes is None else 60.0 * minutes

        def reach(cut_off_s: float | None = cut_off_s) -> list[NDArray[np.int32]]:
            matrices = [router.one_to_many(places, places, origin=each, cut_off_s=cut_off_s) for each in range(ORIGINS)]
            return [matrix.duration_ms[0] for matrix in matrices]

        name = "one_to_many_ms" if minutes is None else f"one_to_many_{minutes}min_ms"
        results[name] = 1e3 / ORIGINS * fastest(reach, times)
        for row, full in zip(reach(), everything, strict=True):
            expected = full if cut_off_s is None else np.where(full <= 1000 * cut_off_s, full, -1)
            wrong += int(np.count_nonzero(row != expected))
    return results | {"one_to_many_wrong": wrong}


def measure_snapping(network: RoadNetwork, snapper: Snapper, times: int) -> float:
    """Microseconds per place, for places scattered about the junctions of the network."""
    random = np.random.default_rng(1)
    node = random.integers(0, network.node_count, PLACES_TO_SNAP)
    latitude = network.node_latitude_degrees[node] + random.normal(0.0, NOISE_DEGREES, PLACES_TO_SNAP)
    longitude = network.node_longitude_degrees[node] + random.normal(0.0, NOISE_DEGREES, PLACES_TO_SNAP)
    return 1e6 / PLACES_TO_SNAP * fastest(lambda: snapper.snap(latitude, longitude), times)


def fastest(action: Callable[[], object], times: int) -> float:
    """CPU seconds of the fastest of several runs, after one that warms up."""
    action()
    seconds = []
    for _ in range(times):
        start = time.process_time()
        action()
        seconds.append(time.process_time() - start)
    return min(seconds)
