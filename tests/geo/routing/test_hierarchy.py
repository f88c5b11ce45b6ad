"""The hierarchy's parts against obvious twins: cuts, order, shortcuts, elimination tree and costs."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.routing.customization import CustomizedHierarchy, customize
from geo.routing.customization_kernels import NO_MIDDLE, SearchArcs
from geo.routing.hierarchy import Hierarchy
from geo.routing.hierarchy_kernels import RankedArcs, arcs_by_rank, elimination_tree, find_shortcuts, slots_of_arcs
from geo.routing.minimum_cut_kernels import JunctionGraph, flow_room, minimum_cut, spread
from geo.routing.nested_dissection import dissect
from geo.routing.turn_graph import TurnGraph
from tests.geo.routing.drawn_networks import random_networks
from tests.naive_hierarchy import Arcs, naive_contraction, naive_distances, naive_parents

RANKS = 9
arc_sets = st.sets(st.tuples(st.integers(0, RANKS - 1), st.integers(0, RANKS - 1)), min_size=1, max_size=24)


def rows(arcs: Arcs) -> tuple[np.ndarray, np.ndarray, RankedArcs, RankedArcs]:
    """Starts and ends of arcs, and their rows by start and by end."""
    start, end = (np.array(ends, np.int32) for ends in zip(*sorted(arcs), strict=True))
    return start, end, arcs_by_rank(start, end, RANKS), arcs_by_rank(end, start, RANKS)


def hierarchy_of(arcs: Arcs) -> Hierarchy:
    """Contract arcs whose ranks are given."""
    start, end, leaving, entering = rows(arcs)
    up, down = find_shortcuts(leaving, entering)
    return Hierarchy(
        rank=np.arange(RANKS, dtype=np.int32),
        parent=elimination_tree(leaving, entering),
        up_first=up.first,
        up_end=up.end,
        down_first=down.first,
        down_end=down.end,
        arc_slot=slots_of_arcs(start, end, up, down),
    )


def listed(first: np.ndarray, ends: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (lower rank, upper rank) of rows."""
    lower = np.repeat(np.arange(RANKS), np.diff(first))
    return list(zip(lower.tolist(), ends.tolist(), strict=True))


@pytest.mark.twin_of("geo.routing.hierarchy_kernels")
@settings(max_examples=300)
@given(arc_sets)
def test_shortcuts_are_those_of_contraction(arcs: Arcs) -> None:
    """Up and down arcs are exactly the arcs of contracting rank after rank, each row ascending."""
    hierarchy = hierarchy_of(arcs)
    up, down = listed(hierarchy.up_first, hierarchy.up_end), listed(hierarchy.down_first, hierarchy.down_end)
    expected = naive_contraction(arcs, RANKS)
    assert up == sorted(up)
    assert down == sorted(down)
    assert set(up) == {(start, end) for start, end in expected if start < end}
    assert {(upper, lower) for lower, upper in down} == {(start, end) for start, end in expected if start > end}


@pytest.mark.twin_of("geo.routing.hierarchy_kernels")
@settings(max_examples=300)
@given(arc_sets)
def test_elimination_tree_leads_to_the_next_neighbour(arcs: Arcs) -> None:
    """Each rank's parent is its lowest higher neighbour after contraction in both directions."""
    assert hierarchy_of(arcs).parent.tolist() == naive_parents({arc for arc in arcs if arc[0] != arc[1]}, RANKS)


def kept_arcs(customized: CustomizedHierarchy) -> dict[tuple[int, int], tuple[int, int]]:
    """Key and middle of every arc that searches use, by its start and end."""

    def of(arcs: SearchArcs) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        costs = zip(arcs.key.tolist(), arcs.middle.tolist(), strict=True)
        return list(zip(listed(arcs.first, arcs.end), costs, strict=True))

    down = [((upper, lower), cost) for (lower, upper), cost in of(customized.down)]
    return dict(of(customized.up) + down)


@pytest.mark.twin_of("geo.routing.customization_kernels")
@settings(max_examples=300)
@given(arc_sets, st.data())
def test_customized_arcs_are_shortest_paths(arcs: Arcs, data: st.DataObject) -> None:
    """Every kept arc costs the shortest distance, shortcuts are the sum of kept arcs, and no distance is lost."""
    keys = {arc: data.draw(st.integers(1, 6)) for arc in sorted(arcs)}
    kept = kept_arcs(customize(hierarchy_of(arcs), np.array([keys[arc] for arc in sorted(arcs)], np.int64)))
    distance = naive_distances({arc: key for arc, key in keys.items() if arc[0] != arc[1]}, RANKS)
    for (start, end), (key, middle) in kept.items():
        assert key == distance[start][end]
        if middle == NO_MIDDLE:
            assert key == keys[start, end]
        else:
            assert middle < min(start, end)
            assert key == kept[start, middle][0] + kept[middle, end][0]
    up = naive_distances({arc: key for arc, (key, _) in kept.items() if arc[0] < arc[1]}, RANKS)
    down = naive_distances({arc: key for arc, (key, _) in kept.items() if arc[0] > arc[1]}, RANKS)
    for start, end in np.ndindex(RANKS, RANKS):
        best = min(up[start][peak] + down[peak][end] for peak in range(RANKS))
        assert min(best, 1 << 61) == distance[start][end]


@pytest.mark.twin_of("geo.routing.minimum_cut_kernels")
@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 4)), min_size=1, max_size=20))
def test_minimum_cut_equals_maximum_flow(pieces: list[tuple[int, int, int]]) -> None:
    """The cut costs what networkx finds as maximum flow, and what crosses between its two sides."""
    graph = junction_graph(pieces, 8)
    room, members = flow_room(8, len(pieces)), np.arange(8, dtype=np.int32)
    cost = minimum_cut(graph, room, members, 2, np.inf)
    flow = nx.Graph()
    flow.add_nodes_from(["sources", "sinks"])
    names = {0: "sources", 1: "sources", 6: "sinks", 7: "sinks"}
    for first, second, capacity in pieces:
        ends = (names.get(first, first), names.get(second, second))
        if ends[0] != ends[1]:
            before = flow.get_edge_data(*ends, default={"capacity": 0})["capacity"]
            flow.add_edge(*ends, capacity=before + capacity)
    assert cost == nx.maximum_flow_value(flow, "sources", "sinks")
    for direction in (1, -1):
        spread(graph, room, members, 2, direction)
        reached = room.level >= 0
        assert sum(capacity for first, second, capacity in pieces if reached[first] != reached[second]) == cost


def test_a_cut_over_the_limit_is_given_up() -> None:
    """A cut that is known to cost the limit or more is not finished."""
    graph = junction_graph([(0, 1, 5)], 2)
    assert minimum_cut(graph, flow_room(2, 1), np.arange(2, dtype=np.int32), 1, 5.0) == -1


def junction_graph(pieces: list[tuple[int, int, int]], junction_count: int) -> JunctionGraph:
    """Make an undirected graph of pieces (first junction, second junction, capacity)."""
    entries = sorted(
        entry
        for piece, (first, second, _) in enumerate(pieces)
        for entry in ((first, second, piece, 1), (second, first, piece, -1))
    )
    start, neighbour, piece, sign = (np.array(column, np.int32) for column in zip(*entries, strict=True))
    first = np.searchsorted(start, np.arange(junction_count + 1)).astype(np.int32)
    return JunctionGraph(first, neighbour, piece, sign, np.array([capacity for *_, capacity in pieces], np.int32))


@settings(max_examples=100)
@given(st.data())
def test_dissection_ranks_every_state_once_and_pieces_together(data: st.DataObject) -> None:
    """Ranks are a permutation in which the states of one road piece stand next to each other."""
    network = data.draw(random_networks())
    turn_graph = TurnGraph.of_network(network)
    rank = dissect(network, turn_graph)
    assert sorted(rank.tolist()) == list(range(turn_graph.state_count))
    edge = turn_graph.state_edge
    piece = np.minimum(edge, network.edge_reverse[edge])
    changes = np.flatnonzero(np.diff(piece[np.argsort(rank)]))
    assert len(changes) + 1 == len(set(piece.tolist())) or turn_graph.state_count == 0
