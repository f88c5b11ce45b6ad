"""Compares the router with the naive turn-aware Dijkstra of the tests: durations and lengths, to the last digit.

Pairs are places anywhere on random edges (islands, private and forbidden roads among them) of Porto, Monaco, Shanghai
and of random drawn maps with one-ways, private roads, barriers, signals and turn restrictions over nodes and ways. They
are compared a second time on the same maps with conditions: a twentieth of the roads, and as many turns, are shut,
opened, private, slower or forbidden at certain times, and ways begin at three departures. For each pair the matrix must
equal the naive search, and the single search the matrix; of each row of a matrix some routes are added up again, edge
by edge and turn by turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from geo.errors import UnreachableError
from geo.roads.conditions import condition_holds
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import EdgeFlag, RoadNetwork
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
CONDITIONS = ("Mo-Fr 07:00-09:00", "Sa-Su", "22:00-06:00", "Mo-Fr 08:30-18:00")
ACTIVE_CONDITIONS = {
    datetime(2026, 3, 2, 8, 45, tzinfo=UTC): (0, 3),  # a Monday
    datetime(2026, 3, 7, 23, 0, tzinfo=UTC): (1, 2),  # a Saturday
    datetime(2026, 3, 4, 12, 0, tzinfo=UTC): (3,),
}
"""Departures, and which of the `CONDITIONS` hold then."""
NONE = np.zeros(3, np.int64)


def check_pairs(porto_folder: Path, data: Path, *, quick: bool, on_progress: Callable[[str], None]) -> dict[str, int]:
    """Count the pairs compared and the pairs that differ.

    Parameters
    ----------
    porto_folder
        Porto with its routing index.
    data
        Folder of the extracts.
    quick
        Whether fewer pairs do, on Monaco and on drawn maps only.
    on_progress
        Told what is compared.

    Returns
    -------
    dict[str, int]
        ``pairs_checked``, ``pairs_wrong`` and ``pairs_without_way`` (on which both agree); of these with conditions and
        a departure ``conditional_pairs_checked`` and ``conditional_pairs_wrong``.
    """
    random, totals, at_hours = np.random.default_rng(3), NONE.copy(), NONE.copy()
    for name in ("monaco-osrm",) if quick else ("monaco-osrm", "shanghai-centre"):
        network = import_osm_file(data / "extracts" / f"{name}.osm.pbf", CAR).network
        totals += check_network(Router.build(network), (10, 300), random)
        at_hours += check_at_hours(network, (2, 50) if quick else (4, 250), random)
        on_progress(f"{name}: {totals[0] + at_hours[0]} pairs compared, {totals[1] + at_hours[1]} differ")
    if not quick:
        porto = open_network(porto_folder)
        totals += check_network(open_router(porto, porto_folder), (10, 300), random)
        at_hours += check_at_hours(porto, (3, 300), random)
        on_progress(f"with Porto: {totals[0] + at_hours[0]} pairs compared, {totals[1] + at_hours[1]} differ")
    for _ in range(2 if quick else 15):
        drawn = drawn_network(random)
        totals += check_network(Router.build(drawn), (10, 10), random)
        at_hours += check_at_hours(drawn, (10, 10), random)
    totals += at_hours
    on_progress(f"with drawn maps: {totals[0]} pairs compared, {totals[1]} differ")
    names = (
        "pairs_checked",
        "pairs_wrong",
        "pairs_without_way",
        "conditional_pairs_checked",
        "conditional_pairs_wrong",
    )
    return dict(zip(names, [*totals.tolist(), *at_hours[:2].tolist()], strict=True))


def check_at_hours(network: RoadNetwork, sides: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Compare all pairs on a network with random conditions, at hours at which different ones of them hold."""
    network = with_random_conditions(network, random)
    router, totals = Router.build(network), np.zeros_like(NONE)
    for when, active in ACTIVE_CONDITIONS.items():
        own = network.conditions[: -len(CONDITIONS)]
        conditions = frozenset(len(own) + number for number in active) | {
            index for index, text in enumerate(own) if condition_holds(text, when)
        }
        totals += check_network(router.at(when), sides, random, as_it_is(network, conditions))
    return totals


def check_network(
    router: Router, sides: tuple[int, int], random: np.random.Generator, roads: NaiveRoads | None = None
) -> np.ndarray:
    """Compare all pairs between random places; return how many were compared, differ, and have no way.

    `roads` is the network as it is at the hour of the router; without it, no condition holds.
    """
    roads = roads or NaiveRoads(router.network)
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


def with_random_conditions(network: RoadNetwork, random: np.random.Generator) -> RoadNetwork:
    """Let random roads be shut, opened, private or slower at times, and forbid random turns at times."""
    count = max(4, network.edge_count // 20)
    edges = np.sort(random.choice(network.edge_count, count, replace=False))
    usual = network.edge_flags[edges] & ~np.uint16(EdgeFlag.FORBIDDEN | EdgeFlag.ENDS_ONLY)
    changed = random.choice([0, 0, EdgeFlag.FORBIDDEN, EdgeFlag.ENDS_ONLY], count).astype(np.uint16)
    slower_ms = np.maximum(1, network.edge_duration_ms[edges] * random.uniform(0.5, 4.0, count))
    paths = [path for path in (random_path(network, random) for _ in range(count)) if path]
    first = len(network.conditions)
    by_edge = np.argsort(np.concatenate([network.conditional_edge, edges]), kind="stable")

    def rows(known: np.ndarray, added: np.ndarray) -> np.ndarray:
        return np.concatenate([known, added])[by_edge].astype(known.dtype)

    def paths_of(known: np.ndarray, *added: object) -> np.ndarray:
        return np.concatenate([known, *added]).astype(known.dtype)

    return replace(
        network,
        conditions=(*network.conditions, *CONDITIONS),
        conditional_edge=rows(network.conditional_edge, edges),
        conditional_edge_condition=rows(
            network.conditional_edge_condition, first + random.integers(0, len(CONDITIONS), count)
        ),
        conditional_edge_flags=rows(network.conditional_edge_flags, usual | changed),
        conditional_edge_duration_ms=rows(network.conditional_edge_duration_ms, slower_ms),
        forbidden_path_first=paths_of(
            network.forbidden_path_first, network.forbidden_path_first[-1] + np.cumsum([len(path) for path in paths])
        ),
        forbidden_path_edges=paths_of(network.forbidden_path_edges, *paths),
        forbidden_path_condition=paths_of(
            network.forbidden_path_condition, first + random.integers(0, len(CONDITIONS), len(paths))
        ),
    )


def random_path(network: RoadNetwork, random: np.random.Generator) -> list[int]:
    """Walk along two or three edges; nothing where the walk ends early."""
    path = [int(random.integers(network.edge_count))]
    for _ in range(random.integers(1, 3)):
        head = network.edge_head[path[-1]]
        onward = range(network.edge_first_out[head], network.edge_first_out[head + 1])
        if len(onward) == 0:
            return []
        path.append(int(random.choice(onward)))
    return path


def as_it_is(network: RoadNetwork, conditions: frozenset[int]) -> NaiveRoads:
    """Read the network row by row as it is while some conditions hold; what is shut then is closed, not gone."""
    flags, duration_ms = network.edge_flags.copy(), network.edge_duration_ms.copy()
    closed = {int(edge) for edge in np.flatnonzero(flags & EdgeFlag.FORBIDDEN)}
    in_force: dict[int, tuple[int, int]] = {}
    open_at_times: dict[int, int] = {}
    rows = zip(
        network.conditional_edge.tolist(),
        network.conditional_edge_condition.tolist(),
        network.conditional_edge_flags.tolist(),
        network.conditional_edge_duration_ms.tolist(),
        strict=True,
    )
    for edge, condition, changed_flags, changed_ms in rows:
        if not changed_flags & EdgeFlag.FORBIDDEN:
            open_at_times[edge] = changed_flags
        if condition in conditions:
            in_force[edge] = changed_flags, changed_ms
    for edge, (changed_flags, changed_ms) in in_force.items():
        duration_ms[edge] = changed_ms
        if changed_flags & EdgeFlag.FORBIDDEN:
            closed.add(edge)
        else:
            closed.discard(edge)
            flags[edge] = changed_flags
    for edge, changed_flags in open_at_times.items():
        if flags[edge] & EdgeFlag.FORBIDDEN:
            flags[edge] = changed_flags
    return NaiveRoads(replace(network, edge_flags=flags, edge_duration_ms=duration_ms), conditions, frozenset(closed))


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
