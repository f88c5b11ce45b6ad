"""Lays out the arcs of the turn graph: which state follows which, and what the turn between them costs.

`geo.routing.turn_graph` says what states and arcs mean. All turns are laid out at once, array by array: that takes a
few tenths of a second for a city, less than compiling a loop would.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.roads.turns import TurnRules, allowed_turns

BEARING_REACH_M = 5.0
"""A bearing is taken to the first shape point at least this far off: the last centimetres of a road often bend."""

METRES_PER_DEGREE = 111_195.0
"""One degree of latitude on a sphere of 6,371 km."""

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]


class TurnPrices(NamedTuple):
    """What turns cost in milliseconds, and what the prices depend on.

    Fields: ``turn_ms``, ``u_turn_ms``, ``traffic_signal_ms``; by node (``n``) ``is_junction`` and ``has_signals`` bool;
    by edge (``m``) ``bearing`` float64 degrees at the tail.
    """

    turn_ms: float
    u_turn_ms: int
    traffic_signal_ms: int
    is_junction: NDArray[np.bool_]
    has_signals: NDArray[np.bool_]
    bearing: NDArray[np.float64]


class PathMemory(NamedTuple):
    """What the automaton of forbidden paths says, by state (``s``) and by trie node (``t``).

    Fields: ``edge_first_state (m + 1,)``, ``state_edge (s,)``, ``state_node (s,)`` int32; by row of its table,
    ascending by node and next edge: ``row_node``, ``row_edge`` the next edge, ``row_state`` the leaving state it leads
    to (``-1`` forbidden) int32, and ``row_is_conditional`` bool.
    """

    edge_first_state: Int32Array
    state_edge: Int32Array
    state_node: Int32Array
    row_node: Int32Array
    row_edge: Int32Array
    row_state: Int32Array
    row_is_conditional: NDArray[np.bool_]


class Arcs(NamedTuple):
    """Arcs in compressed sparse rows, and the conditional ones as pairs (arc, row of the automaton's table)."""

    first_arc: Int32Array
    arc_head: Int32Array
    arc_turn_ms: Int32Array
    conditional: list[tuple[int, int]]


def lay_out_arcs(rules: TurnRules, memory: PathMemory, prices: TurnPrices) -> Arcs:
    """Lay out all arcs.

    Parameters
    ----------
    rules, memory, prices
        What the roads, the automaton of forbidden paths and the turn costs say.

    Returns
    -------
    Arcs
        The arcs of every state, in the order of the edges they lead to.
    """
    before, after = allowed_turns(rules)
    first_turn = np.searchsorted(before, np.arange(len(rules.head) + 1))
    turns = np.diff(first_turn)[memory.state_edge]
    state = np.repeat(np.arange(len(turns)), turns)
    turn = np.arange(len(state)) - (np.cumsum(turns) - turns - first_turn[memory.state_edge])[state]
    reached, row = _next_states(rules, memory, state, after[turn])
    is_arc = reached >= 0
    state, turn, reached, row = state[is_arc], turn[is_arc], reached[is_arc], row[is_arc]
    is_conditional = row >= 0
    is_conditional[is_conditional] = memory.row_is_conditional[row[is_conditional]]
    conditional = [(int(arc), int(row[arc])) for arc in np.flatnonzero(is_conditional)]
    first_arc = np.concatenate([[0], np.cumsum(np.bincount(state, minlength=len(turns)))]).astype(np.int32)
    turn_ms = _turns_ms(rules, prices, before, after)[turn]
    return Arcs(first_arc, reached.astype(np.int32), turn_ms.astype(np.int32), conditional)


def _next_states(
    rules: TurnRules, memory: PathMemory, state: Int64Array, following: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """States reached by driving `following` from `state` (-1: not allowed), and the automaton's rows used (or -1)."""
    edge = memory.state_edge[state]
    reached, row = memory.edge_first_state[following].astype(np.int64), np.full(len(state), -1)
    remembering = np.flatnonzero(memory.state_node[state])
    if len(memory.row_node) and len(remembering):
        edge_count = len(rules.head)
        asked = memory.state_node[state[remembering]].astype(np.int64) * edge_count + following[remembering]
        known = memory.row_node.astype(np.int64) * edge_count + memory.row_edge
        found = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        is_found = known[found] == asked
        row[remembering[is_found]] = found[is_found]
        reached[remembering[is_found]] = memory.row_state[found[is_found]]
    # States of an ends-only edge come in pairs: leaving, arriving.
    is_private, is_private_next = rules.is_ends_only[edge], rules.is_ends_only[following]
    is_arriving = is_private & ((state - memory.edge_first_state[edge]) % 2 == 1)
    is_forbidden = (reached < 0) | (is_arriving & ~is_private_next)
    return np.where(is_forbidden, -1, reached + (is_private_next & (is_arriving | ~is_private))), row


def _turns_ms(rules: TurnRules, prices: TurnPrices, before: Int64Array, after: Int64Array) -> Int64Array:
    """Milliseconds that the turns between edges cost."""
    node = rules.head[before]
    cost_ms = np.where(prices.has_signals[node], prices.traffic_signal_ms, 0)
    is_back = after == rules.reverse[before]
    cost_ms[is_back] += prices.u_turn_ms
    bends = np.flatnonzero(prices.is_junction[node] & ~is_back)
    # The bearing of the reverse edge at this node points back along the edge before.
    turned_degrees = prices.bearing[after[bends]] - prices.bearing[rules.reverse[before[bends]]] - 180.0
    difference_degrees = np.abs(turned_degrees) % 360.0
    angle_degrees = np.minimum(difference_degrees, 360.0 - difference_degrees)
    bend_ms = np.floor(prices.turn_ms / (1.0 + np.exp(6.5 - 13.0 * angle_degrees / 180.0)) + 0.5)
    cost_ms[bends] += bend_ms.astype(np.int64)
    return cost_ms


def edge_bearings(
    edge_shape: Int32Array,
    edge_is_backward: NDArray[np.bool_],
    shape_first: Int64Array,
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
        ``(m,)`` degrees clockwise from north, in [-180, 180]; 0 where all points coincide.
    """
    first, last = shape_first[edge_shape], shape_first[edge_shape + 1] - 1
    start, end = np.where(edge_is_backward, last, first), np.where(edge_is_backward, first, last)
    step = np.where(edge_is_backward, -1, 1)
    shrink = np.cos(np.radians(latitude_degrees[start]))
    north, east = np.zeros((2, len(start)))
    point, looking = start.copy(), np.flatnonzero(start != end)
    while len(looking):  # once for each point of the longest road, but soon for a few roads only
        point[looking] += step[looking]
        there, here = point[looking], start[looking]
        north[looking] = latitude_degrees[there] - latitude_degrees[here]
        east[looking] = (longitude_degrees[there] - longitude_degrees[here]) * shrink[looking]
        is_near = np.hypot(north[looking], east[looking]) * METRES_PER_DEGREE < BEARING_REACH_M
        looking = looking[is_near & (there != end[looking])]
    return np.degrees(np.arctan2(east, north))
