"""Small road networks made in code, and a hypothesis strategy for random ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork, TurnCosts
from geo.routing.positions import RoadPositions


@dataclass(frozen=True)
class Piece:
    """One road piece between two nodes; flags may differ by direction."""

    tail: int
    head: int
    duration_ms: int = 10_000
    length_cm: int = 10_000
    flags: int = 0
    back_flags: int = 0
    back_duration_ms: int | None = None


def make_network(
    places: Sequence[tuple[float, float]],
    pieces: Sequence[Piece],
    *,
    node_flags: Sequence[int] | None = None,
    forbidden_paths: Sequence[tuple[Sequence[int], int]] = (),
    conditions: tuple[str, ...] = (),
    turn_costs: TurnCosts = TurnCosts(),  # noqa: B008 - frozen
) -> RoadNetwork:
    """Make a network of straight pieces.

    Parameters
    ----------
    places
        Latitude and longitude of each node.
    pieces
        The road pieces; piece ``p`` makes the directed roads ``2 p`` and ``2 p + 1``.
    node_flags
        Flags of each node; none by default.
    forbidden_paths
        Pairs (directed roads as numbered above, condition or -1).
    conditions
        Conditions of the network.
    turn_costs
        What passing a node costs.

    Returns
    -------
    RoadNetwork
        The network; its edges are the directed roads sorted by tail.
    """
    latitude, longitude = np.array(places, np.float64).reshape(-1, 2).T.copy()
    ends = np.array([(piece.tail, piece.head) for piece in pieces], np.int32).reshape(-1, 2)
    tail = ends.ravel()
    order = np.argsort(tail, kind="stable")
    edge_of_road = np.argsort(order).astype(np.int32)
    durations = [ms for piece in pieces for ms in (piece.duration_ms, piece.back_duration_ms or piece.duration_ms)]
    flags = np.array([flag for piece in pieces for flag in (piece.flags, piece.back_flags)], np.uint16)[order]
    paths = [edge_of_road[list(path)] for path, _ in forbidden_paths]
    edge_count = len(order)
    return RoadNetwork(
        profile="car",
        fingerprint="drawn",
        turn_costs=turn_costs,
        node_osm_id=np.arange(len(places), dtype=np.int64),
        node_latitude_degrees=latitude,
        node_longitude_degrees=longitude,
        node_flags=np.array(node_flags if node_flags is not None else [0] * len(places), np.uint8),
        edge_first_out=np.searchsorted(tail[order], np.arange(len(places) + 1)).astype(np.int32),
        edge_tail=tail[order],
        edge_head=ends[:, ::-1].ravel()[order],
        edge_length_cm=np.array([piece.length_cm for piece in pieces for _ in range(2)], np.int32)[order],
        edge_duration_ms=np.array(durations, np.int32)[order],
        edge_reverse=edge_of_road[np.arange(edge_count) ^ 1][order],
        edge_road_class=np.full(edge_count, 11, np.uint8),
        edge_flags=flags,
        edge_way_id=order.astype(np.int64) // 2,
        edge_name=np.zeros(edge_count, np.int32),
        edge_component=np.where(flags & EdgeFlag.FORBIDDEN, -1, 0).astype(np.int32),
        edge_shape=(order // 2).astype(np.int32),
        edge_is_backward=order % 2 == 1,
        shape_first=np.arange(0, edge_count + 1, 2, dtype=np.int64),
        shape_latitude_degrees=latitude[ends.ravel()],
        shape_longitude_degrees=longitude[ends.ravel()],
        shape_osm_node_id=ends.ravel().astype(np.int64),
        forbidden_path_first=np.concatenate([[0], np.cumsum([len(path) for path in paths])]).astype(np.int32),
        forbidden_path_edges=np.concatenate([np.zeros(0, np.int32), *paths]).astype(np.int32),
        forbidden_path_condition=np.array([condition for _, condition in forbidden_paths], np.int32),
        names=("",),
        conditions=conditions,
    )


def edge_between(network: RoadNetwork, tail: int, head: int) -> int:
    """Return the first edge from one node to another."""
    return int(np.flatnonzero((network.edge_tail == tail) & (network.edge_head == head))[0])


def places_on(
    network: RoadNetwork, edges: Sequence[int], fractions: Sequence[float], *, one_direction: bool = False
) -> RoadPositions:
    """Return positions at shares of edges; ``-1`` stands for a place on no road."""
    edge = np.array(edges, np.int32)
    return RoadPositions(
        edge=edge,
        fraction=np.array(fractions, np.float64),
        distance_m=np.zeros(len(edge)),
        side=np.zeros(len(edge), np.int8),
        component=np.where(edge >= 0, network.edge_component[edge], -1).astype(np.int32),
        one_direction=one_direction,
    )


@st.composite
def random_networks(draw: st.DrawFn) -> RoadNetwork:
    """Draw a random network: a grid with holes, one-ways, private roads, barriers, loops and restrictions."""
    width, height = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    count = width * height
    pairs = [(v, v + 1) for v in range(count) if (v + 1) % width] + [(v, v + width) for v in range(count - width)]
    kept = draw(st.lists(st.sampled_from(pairs), min_size=2, max_size=len(pairs), unique=True))
    extra = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=3))
    direction_flags = st.sampled_from([0, 0, 0, 0, 0, EdgeFlag.ENDS_ONLY, EdgeFlag.FORBIDDEN])
    # Few different values, so that equally fast paths are common and the tie rule is tested too.
    duration = st.integers(1, 5).map(lambda seconds: seconds * 1000)
    pieces = [
        Piece(
            tail,
            head,
            duration_ms=draw(duration),
            length_cm=draw(st.integers(1, 4)) * 500,
            flags=int(draw(direction_flags)),
            back_flags=int(draw(direction_flags)),
            back_duration_ms=draw(duration),
        )
        for tail, head in kept + extra
    ]
    flags = [draw(st.sampled_from([0, 0, 0, 0, NodeFlag.TRAFFIC_SIGNALS, NodeFlag.BARRIER])) for _ in range(count)]
    costs = TurnCosts(u_turn_s=draw(st.sampled_from([0.0, 4.0])), u_turns_allowed=draw(st.booleans()))
    places = [(41.0 + v // width * 1e-3, -8.0 + v % width * 1e-3) for v in range(count)]
    return make_network(
        places,
        pieces,
        node_flags=flags,
        forbidden_paths=_random_paths(draw, pieces),
        conditions=("Mo-Fr 07:00-09:00",),
        turn_costs=costs,
    )


def _random_paths(draw: st.DrawFn, pieces: Sequence[Piece]) -> list[tuple[list[int], int]]:
    """Draw forbidden paths of two to four directed roads that meet end to end."""
    directed = [ends for piece in pieces for ends in ((piece.tail, piece.head), (piece.head, piece.tail))]
    paths = []
    for _ in range(draw(st.integers(0, 6))):
        path = [draw(st.integers(0, len(directed) - 1))]
        for _ in range(draw(st.integers(1, 3))):
            following = [road for road, ends in enumerate(directed) if ends[0] == directed[path[-1]][1]]
            path.append(draw(st.sampled_from(following)))
        paths.append((path, draw(st.sampled_from([-1, -1, 0]))))
    return paths


@st.composite
def random_places(draw: st.DrawFn, network: RoadNetwork, *, max_count: int = 5) -> RoadPositions:
    """Draw places on a network, some of them on no road, at junctions or twice the same."""
    count = draw(st.integers(1, max_count))
    edges = [draw(st.integers(-1, network.edge_count - 1)) for _ in range(count)]
    fractions = [draw(st.sampled_from([0.0, 0.25, 0.5, 0.5, 0.77, 1.0])) for _ in range(count)]
    return places_on(network, edges, fractions, one_direction=draw(st.booleans()))
