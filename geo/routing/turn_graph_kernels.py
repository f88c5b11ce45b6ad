"""Compiled loops that lay out the arcs of the turn graph; `geo.routing.turn_graph` says what they mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel

BEARING_REACH_M = 5.0
"""A bearing is taken to the first shape point at least this far off: the last centimetres of a road often bend."""

METRES_PER_DEGREE = 111_195.0
"""One degree of latitude on a sphere of 6,371 km."""


class RoadTopology(NamedTuple):
    """What the roads say: arrays by edge (``m``) and by node (``n``).

    Fields: ``first_out (n + 1,)``, ``head (m,)``, ``reverse (m,)`` int32; ``routable (m,)``, ``ends_only (m,)``,
    ``barrier (n,)``, ``junction (n,)``, ``signals (n,)`` bool; ``bearing (m,)`` float64 degrees at the tail.
    """

    first_out: NDArray[np.int32]
    head: NDArray[np.int32]
    reverse: NDArray[np.int32]
    routable: NDArray[np.bool_]
    ends_only: NDArray[np.bool_]
    barrier: NDArray[np.bool_]
    junction: NDArray[np.bool_]
    signals: NDArray[np.bool_]
    bearing: NDArray[np.float64]


class PathMemory(NamedTuple):
    """What the automaton of forbidden paths says, by state (``s``) and by trie node (``t``).

    Fields: ``edge_first_state (m + 1,)``, ``state_edge (s,)``, ``state_node (s,)``, ``node_first_row (t + 1,)`` int32;
    by row: ``row_edge`` the next edge, ``row_state`` the leaving state it leads to (``-1`` forbidden) int32, and
    ``row_is_conditional`` bool.
    """

    edge_first_state: NDArray[np.int32]
    state_edge: NDArray[np.int32]
    state_node: NDArray[np.int32]
    node_first_row: NDArray[np.int32]
    row_edge: NDArray[np.int32]
    row_state: NDArray[np.int32]
    row_is_conditional: NDArray[np.bool_]


class TurnRules(NamedTuple):
    """Turn costs in milliseconds, and whether a turn back is allowed at junctions."""

    turn_ms: float
    u_turn_ms: int
    traffic_signal_ms: int
    u_turns_allowed: bool


class Arcs(NamedTuple):
    """Arcs in compressed sparse rows, and the conditional ones as pairs (arc, row of the automaton's table)."""

    first_arc: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_turn_ms: NDArray[np.int32]
    conditional: list[tuple[int, int]]


@njit(nogil=True, cache=True)
def edge_bearings(
    edge_shape: NDArray[np.int32],
    edge_is_backward: NDArray[np.bool_],
    shape_first: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Bearing of each edge where it leaves its tail.

    Parameters
    ----------
    edge_shape, edge_is_backward
        ``(m,)`` shape of each edge and whether the edge runs against it.
    shape_first
        ``(g + 1,)`` first point of each shape.
    latitude_degrees, longitude_degrees
        ``(k,)`` shape points.

    Returns
    -------
    NDArray[np.float64]
        ``(m,)`` degrees clockwise from north, in (-180, 180]; 0 where all points coincide.
    """
    bearing = np.zeros(len(edge_shape))
    for edge in range(len(edge_shape)):
        first = shape_first[edge_shape[edge]]
        last = shape_first[edge_shape[edge] + 1] - 1
        step = 1
        if edge_is_backward[edge]:
            first, last, step = last, first, -1
        shrink = np.cos(np.radians(latitude_degrees[first]))
        north = east = 0.0
        point = first
        while point != last:
            point += step
            north = latitude_degrees[point] - latitude_degrees[first]
            east = (longitude_degrees[point] - longitude_degrees[first]) * shrink
            if np.hypot(north, east) * METRES_PER_DEGREE >= BEARING_REACH_M:
                break
        bearing[edge] = np.degrees(np.arctan2(east, north))
    return bearing


@inner_kernel
def _may_turn(roads: RoadTopology, edge: int, following: int, rules: TurnRules) -> bool:
    """Say whether `following` may come after `edge`, restrictions and ends-only rules aside."""
    node = roads.head[edge]
    if following != roads.reverse[edge]:
        return not roads.barrier[node]
    if rules.u_turns_allowed or roads.barrier[node]:
        return True
    for other in range(roads.first_out[node], roads.first_out[node + 1]):
        is_way_on = roads.routable[other] and (roads.ends_only[edge] or not roads.ends_only[other])
        if other != following and is_way_on:
            return False
    return True


@inner_kernel
def _turn_ms(roads: RoadTopology, edge: int, following: int, rules: TurnRules) -> int:
    """Cost of a turn in milliseconds."""
    node = roads.head[edge]
    cost_ms = rules.traffic_signal_ms if roads.signals[node] else 0
    if following == roads.reverse[edge]:
        return cost_ms + rules.u_turn_ms
    if not roads.junction[node]:
        return cost_ms
    # The bearing of the reverse edge at this node points back along `edge`.
    difference_degrees = abs(roads.bearing[following] - roads.bearing[roads.reverse[edge]] - 180.0) % 360.0
    angle_degrees = min(difference_degrees, 360.0 - difference_degrees)
    return cost_ms + int(np.floor(rules.turn_ms / (1.0 + np.exp(6.5 - 13.0 * angle_degrees / 180.0)) + 0.5))


@inner_kernel
def _next_state(roads: RoadTopology, memory: PathMemory, state: int, following: int) -> tuple[int, int]:
    """State reached by driving `following` from `state` (-1: not allowed), and the automaton's row used (or -1)."""
    edge = memory.state_edge[state]
    node = memory.state_node[state]
    row = -1
    reached = memory.edge_first_state[following]
    for candidate in range(memory.node_first_row[node], memory.node_first_row[node + 1]):
        if memory.row_edge[candidate] == following:
            row = candidate
            reached = memory.row_state[row]
    if reached < 0:
        return -1, row
    # States of an ends-only edge come in pairs: leaving, arriving.
    is_arriving = roads.ends_only[edge] and (state - memory.edge_first_state[edge]) % 2 == 1
    if not roads.ends_only[following]:
        return (-1 if is_arriving else reached), row
    return (reached + 1 if is_arriving or not roads.ends_only[edge] else reached), row


@njit(nogil=True, cache=True)
def _fill_arcs(
    roads: RoadTopology,
    memory: PathMemory,
    rules: TurnRules,
    first_arc: NDArray[np.int32],
    arc_head: NDArray[np.int32],
    arc_turn_ms: NDArray[np.int32],
    arc_row: NDArray[np.int32],
) -> int:
    """Write the arcs, or only count them into `first_arc` where `arc_head` is empty; return their number."""
    count = 0
    for state in range(len(memory.state_edge)):
        first_arc[state] = count
        edge = memory.state_edge[state]
        node = roads.head[edge]
        for following in range(roads.first_out[node], roads.first_out[node + 1]):
            if not roads.routable[following] or not _may_turn(roads, edge, following, rules):
                continue
            reached, row = _next_state(roads, memory, state, following)
            if reached < 0:
                continue
            if len(arc_head):
                arc_head[count] = reached
                arc_turn_ms[count] = _turn_ms(roads, edge, following, rules)
                arc_row[count] = row
            count += 1
    first_arc[len(memory.state_edge)] = count
    return count


def emit_arcs(roads: RoadTopology, memory: PathMemory, rules: TurnRules) -> Arcs:
    """Lay out all arcs.

    Parameters
    ----------
    roads, memory, rules
        What the roads, the automaton of forbidden paths and the turn costs say.

    Returns
    -------
    Arcs
        The arcs of every state, in the order of the edges they lead to.
    """
    first_arc = np.zeros(len(memory.state_edge) + 1, np.int32)
    nothing = np.zeros(0, np.int32)
    count = _fill_arcs(roads, memory, rules, first_arc, nothing, nothing, nothing)
    arc_head, arc_turn_ms, arc_row = (np.zeros(count, np.int32) for _ in range(3))
    _fill_arcs(roads, memory, rules, first_arc, arc_head, arc_turn_ms, arc_row)
    is_conditional = np.zeros(count, np.bool_)
    with_row = np.flatnonzero(arc_row >= 0)
    is_conditional[with_row] = memory.row_is_conditional[arc_row[with_row]]
    conditional = [(int(arc), int(arc_row[arc])) for arc in np.flatnonzero(is_conditional)]
    return Arcs(first_arc, arc_head, arc_turn_ms, conditional)
