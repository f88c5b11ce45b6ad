"""Compares the router with the naive turn-aware Dijkstra of the tests: durations and lengths, to the last digit.

Pairs are places anywhere on random edges (islands, private and forbidden roads among them) of Porto, Monaco, Shanghai
and of random drawn maps with one-ways, private roads, barriers, signals and turn restrictions over nodes and ways. For
each pair the matrix must equal the naive search, and the single search the matrix; of each row of a matrix some
routes are added up again, edge by edge and turn by turn.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from geo.errors import UnreachableError
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.network_file import open_network
from geo.roads.profiles import CAR
from geo.routing.index_file import open_router
from geo.routing.positions import RoadPositions
from geo.routing.router import Router
from tests.ascii_road_map import Restriction, ascii_road_map
from tests.naive_routing import NEVER, NaiveRoads, naive_costs, recomputed_cost

SIDE = 5
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
PICTURE = "\n\n".join("   ".join(LETTERS[row * SIDE : (row + 1) * SIDE]) for row in range(SIDE))
WAY_TAGS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"oneway": "yes"},
    {"oneway": "-1"},
    {"highway": "primary"},
    {"access": "destination"},
    {"access": "private"},
    {"motor_vehicle": "no"},
)
NODE_TAGS = ({"barrier": "bollard"}, {"highway": "traffic_signals"})
KINDS = ("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "only_left_turn", "only_straight_on")
ROUTES_PER_ROW = 3


def check_pairs(porto_folder: Path, data: Path, *, quick: bool, on_progress: Callable[[str], None]) -> dict[str, int]:
    """Count the pairs compared and the pairs that differ.

    Parameters
    ----------
    porto_folder
        Porto with its routing index.
    data
        Folder of the extracts.
    quick
        Whether fewer pairs do, on Porto and on drawn maps only.
    on_progress
        Told what is compared.

    Returns
    -------
    dict[str, int]
        ``pairs_checked``, ``pairs_wrong`` and ``pairs_without_way`` (on which both agree).
    """
    random = np.random.default_rng(3)
    porto = open_network(porto_folder)
    totals = check_network(open_router(porto, porto_folder), (1, 150) if quick else (10, 300), random)
    on_progress(f"Porto: {totals[0]} pairs compared, {totals[1]} differ")
    for name in () if quick else ("monaco-osrm", "shanghai-centre"):
        network = import_osm_file(data / "extracts" / f"{name}.osm.pbf", CAR).network
        totals += check_network(Router.build(network), (10, 300), random)
        on_progress(f"with {name}: {totals[0]} pairs compared, {totals[1]} differ")
    for _ in range(2 if quick else 15):
        totals += check_network(Router.build(drawn_network(random)), (10, 10), random)
    on_progress(f"with drawn maps: {totals[0]} pairs compared, {totals[1]} differ")
    checked, wrong, without_way = totals.tolist()
    return {"pairs_checked": checked, "pairs_wrong": wrong, "pairs_without_way": without_way}


def check_network(router: Router, sides: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Compare all pairs between random places; return how many were compared, differ, and have no way."""
    roads = NaiveRoads(router.network)
    origins, destinations = (random_positions(router.network, count, random) for count in sides)
    matrix = router.travel_matrix(origins, destinations)
    wrong = without_way = 0
    for origin in range(sides[0]):
        expected = [cost for cost, _ in naive_costs(roads, origins, origin, destinations)]
        found = zip(matrix.duration_ms[origin].tolist(), matrix.length_cm[origin].tolist(), strict=True)
        for destination, (right, of_matrix) in enumerate(zip(expected, found, strict=True)):
            of_pair = single_cost(router, origins, destinations, (origin, destination))
            is_right = right == of_matrix == of_pair
            if is_right and right != NEVER and destination < ROUTES_PER_ROW:
                route = router.route(origins, destinations, origin=origin, destination=destination)
                is_right = recomputed_cost(roads, route) == right
            wrong += not is_right
            without_way += right == NEVER
    return np.array([sides[0] * sides[1], wrong, without_way])


def single_cost(
    router: Router, origins: RoadPositions, destinations: RoadPositions, pair: tuple[int, int]
) -> tuple[int, int]:
    """Cost of one pair as the single search finds it."""
    try:
        cost = router.travel_cost(origins, destinations, origin=pair[0], destination=pair[1])
    except UnreachableError:
        return NEVER
    return cost.duration_ms, cost.length_cm


def random_positions(network: RoadNetwork, count: int, random: np.random.Generator) -> RoadPositions:
    """Stand anywhere on random edges."""
    edge = random.integers(0, network.edge_count, count).astype(np.int32)
    nothing = np.zeros(count)
    return RoadPositions(edge, random.random(count), nothing, nothing.astype(np.int8), network.edge_component[edge])


def drawn_network(random: np.random.Generator) -> RoadNetwork:
    """Draw streets between letters on a grid, some missing, with random tags and turn restrictions."""
    beside = [LETTERS[v] + LETTERS[v + 1] for v in range(SIDE * SIDE) if (v + 1) % SIDE]
    beneath = [LETTERS[v] + LETTERS[v + SIDE] for v in range(SIDE * (SIDE - 1))]
    kept = [way for way in beside + beneath if random.random() < 0.85]
    ways = {way: WAY_TAGS[random.integers(len(WAY_TAGS))] for way in kept}
    tagged = random.choice(list(LETTERS), 4, replace=False).tolist()
    nodes = {letter: NODE_TAGS[random.integers(len(NODE_TAGS))] for letter in tagged if letter in "".join(kept)}
    restrictions = [restriction for _ in range(12) if (restriction := random_restriction(kept, random))]
    return ascii_road_map(PICTURE, ways, grid_m=40.0, nodes=nodes, restrictions=restrictions).network


def random_restriction(ways: list[str], random: np.random.Generator) -> Restriction | None:
    """Draw a restriction along two or three ways that meet end to end; none where the walk ends early."""
    walk, letter = [ways[random.integers(len(ways))]], ""
    letter = walk[0][random.integers(2)]
    vias = [letter]
    for _ in range(random.integers(1, 3)):
        onward = [way for way in ways if letter in way and way not in walk]
        if not onward:
            return None
        walk.append(onward[random.integers(len(onward))])
        letter = walk[-1].replace(letter, "")
        vias.append(letter)
    assert all(set(first) & set(second) for first, second in pairwise(walk))
    kind = KINDS[random.integers(len(KINDS))]
    via: str | list[str] = vias[0] if len(walk) == 2 else walk[1:-1]
    return {"restriction": kind, "from": walk[0], "via": via, "to": walk[-1]}
