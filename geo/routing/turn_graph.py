"""Which turns a route may take and what each costs: the graph that every path search here runs on.

A *state* is an edge that a route has just entered; an *arc* leads from a state to a state of an edge that may be
driven next. Its cost is that of the first edge plus that of the turn, so the cost of a state is the time at which its
edge is entered. Forbidden edges have no states and forbidden turns no arcs; what depends on more than one turn is
modelled by several states ("copies") of one edge, exactly and without artificial penalties:

* A *via-way restriction* spans three or more edges. Those in its middle have one copy for each way of having come
  along the restriction (see `geo.routing.forbidden_paths`).
* An *ends-only road* (`EdgeFlag.ENDS_ONLY`) may be used at the start or the end of a route, never in between. It has a
  *leaving* state, reached from the start along ends-only roads, and an *arriving* state, from which only other
  ends-only roads go on. So each route is: ends-only roads, then open roads, then ends-only roads.

Turn costs, in seconds, at a node where three or more road pieces meet::

    turn_s / (1 + exp(6.5 - 13 · angle / 180°))

with the angle between the two directions (0° straight on): the sigmoid of OSRM's car profile (``process_turn`` in
``profiles/car.lua``), here without its bias towards one side, which would need the side that a country drives on.
A turn back onto the same road piece costs ``u_turn_s`` instead. Each node with signals adds ``traffic_signal_s``.

Turn rules and turn costs look at the roads that are usable at some time: one that is shut at the moment makes neither
a dead end nor a plain bend.

A turn back is allowed everywhere with ``u_turns_allowed``; without it only where a route has no other way on: at
barriers and dead ends. An ends-only road is a way on only for a route that is on an ends-only road itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import NodeFlag, RoadNetwork, read_only
from geo.roads.turns import lasting_flags, turn_rules
from geo.routing.forbidden_paths import ALWAYS, ROOT, ForbiddenPaths
from geo.routing.travel_keys import LENGTH_BITS, NO_PATH
from geo.routing.turn_arcs import PathMemory, TurnPrices, edge_bearings, lay_out_arcs

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

MILLISECONDS = 1000
JUNCTION_PIECES = 3


@dataclass(frozen=True, eq=False)
class TurnGraph:
    """States and arcs of one network, ``s`` and ``a`` of them, ``m`` edges.

    Parameters
    ----------
    edge_first_state
        ``(m + 1,)`` int32: the states of edge ``e`` are ``edge_first_state[e] … edge_first_state[e + 1] - 1``. A route
        that starts on an edge starts in its first state; one that ends there ends in any of them.
    state_edge
        ``(s,)`` int32 edge of each state, ascending.
    first_arc
        ``(s + 1,)`` int32: the arcs that leave state ``x`` start here.
    arc_head
        ``(a,)`` int32 state that each arc leads to.
    arc_turn_ms
        ``(a,)`` int32 cost of the turn.
    conditional_arc, conditional_arc_condition
        ``(c,)`` int32 each: this arc is forbidden while this condition of ``RoadNetwork.conditions`` holds.
    """

    edge_first_state: Int32Array
    state_edge: Int32Array
    first_arc: Int32Array
    arc_head: Int32Array
    arc_turn_ms: Int32Array
    conditional_arc: Int32Array
    conditional_arc_condition: Int32Array

    def __post_init__(self) -> None:
        """Make the arrays read-only: they are shared, and kernels are compiled for one type."""
        for column in vars(self).values():
            read_only(column)

    @property
    def state_count(self) -> int:
        """Number of states."""
        return len(self.state_edge)

    @classmethod
    def of_network(cls, network: RoadNetwork) -> TurnGraph:
        """Lay out the states and arcs of a network.

        Parameters
        ----------
        network
            The road network.

        Returns
        -------
        TurnGraph
            Its turn graph; equal networks give equal arrays.
        """
        paths = ForbiddenPaths.of_network(network)
        edge_first_state, state_edge, state_node = _lay_out_states(network, paths)
        memory, conditions = _path_memory(network, paths, edge_first_state, state_edge, state_node)
        arcs = lay_out_arcs(turn_rules(network, *lasting_flags(network)), memory, _turn_prices(network))
        conditional = [(arc, condition) for arc, row in arcs.conditional for condition in conditions[row]]
        pairs = np.array(conditional, dtype=np.int32).reshape(-1, 2)
        return cls(
            edge_first_state=edge_first_state,
            state_edge=state_edge,
            first_arc=arcs.first_arc,
            arc_head=arcs.arc_head,
            arc_turn_ms=arcs.arc_turn_ms,
            conditional_arc=np.ascontiguousarray(pairs[:, 0]),
            conditional_arc_condition=np.ascontiguousarray(pairs[:, 1]),
        )

    def arc_keys(self, edge_keys: Int64Array, active_conditions: NDArray[np.bool_] | None = None) -> Int64Array:
        """Cost of each arc: its first edge and its turn.

        Parameters
        ----------
        edge_keys
            ``(m,)`` int64 key of each edge; `NO_PATH` where it is closed.
        active_conditions
            ``(c,)`` bool: which of ``RoadNetwork.conditions`` hold; none at all by default.

        Returns
        -------
        Int64Array
            ``(a,)`` int64 keys; `NO_PATH` where the arc cannot be used now.
        """
        tail_keys = np.repeat(edge_keys[self.state_edge], np.diff(self.first_arc))
        keys = np.minimum(tail_keys + (self.arc_turn_ms.astype(np.int64) << LENGTH_BITS), NO_PATH)
        if active_conditions is not None and len(self.conditional_arc):
            keys[self.conditional_arc[active_conditions[self.conditional_arc_condition]]] = NO_PATH
        keys[edge_keys[self.state_edge[self.arc_head]] >= NO_PATH] = NO_PATH
        return keys

    def turns_ms(self, edges: Int32Array) -> Int64Array:
        """Cost of the turns along a path.

        Parameters
        ----------
        edges
            ``(e,)`` edges of which each may follow the one before.

        Returns
        -------
        Int64Array
            ``(e - 1,)`` milliseconds.
        """
        turns = np.empty(len(edges) - 1, np.int64)
        for turn, (edge, following) in enumerate(pairwise(edges.tolist())):
            # A turn costs the same from every state of its edge that may take it.
            first, last = self.first_arc[self.edge_first_state[[edge, edge + 1]]]
            heads = self.state_edge[self.arc_head[first:last]]
            turns[turn] = self.arc_turn_ms[first + int(np.argmax(heads == following))]
        return turns


def _lay_out_states(network: RoadNetwork, paths: ForbiddenPaths) -> tuple[Int32Array, Int32Array, Int32Array]:
    """Give each routable edge its states: the plain one, then one for each way along a restriction.

    Each of these is a pair (leaving, arriving) on ends-only roads.
    """
    routable, ends_only = lasting_flags(network)
    phases = np.where(ends_only, 2, 1)
    copies = np.zeros(network.edge_count, np.int64)
    by_edge = paths.copies_by_edge()
    for edge, nodes in by_edge.items():
        copies[edge] = len(nodes)
    count = np.where(routable, (1 + copies) * phases, 0)
    edge_first_state = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    state_edge = np.repeat(np.arange(network.edge_count, dtype=np.int32), count)
    state_node = np.full(len(state_edge), ROOT, np.int32)
    for edge, node in paths.children[ROOT].items():
        if routable[edge]:
            state_node[edge_first_state[edge] : edge_first_state[edge] + phases[edge]] = node
    for edge, nodes_of_edge in by_edge.items():
        if routable[edge]:
            start = edge_first_state[edge] + phases[edge]
            state_node[start : edge_first_state[edge + 1]] = np.repeat(nodes_of_edge, phases[edge])
    return edge_first_state, state_edge, state_node


def _path_memory(
    network: RoadNetwork,
    paths: ForbiddenPaths,
    edge_first_state: Int32Array,
    state_edge: Int32Array,
    state_node: Int32Array,
) -> tuple[PathMemory, list[list[int]]]:
    """Tabulate the automaton: for each trie node that a state remembers, what each next edge leads to."""
    first_state_of_node = {int(state_node[state]): int(state) for state in np.flatnonzero(state_node)[::-1]}
    row_node, row_edge, row_state, conditions = [], [], [], []
    for node, edge in enumerate(paths.last_edge):
        for following in _next_edges(network, edge) if paths.has_state(node) else ():
            reached = paths.step(node, following)
            kept = paths.memory(reached)
            forbidden = ALWAYS in paths.completed[reached]
            state = int(edge_first_state[following]) if kept == ROOT else first_state_of_node.get(kept, -1)
            row_node.append(node)
            row_edge.append(following)
            row_state.append(-1 if forbidden else state)
            conditions.append(sorted(paths.completed[reached] - {ALWAYS}))
    memory = PathMemory(
        edge_first_state=edge_first_state,
        state_edge=state_edge,
        state_node=state_node,
        row_node=np.array(row_node, np.int32),
        row_edge=np.array(row_edge, np.int32),
        row_state=np.array(row_state, np.int32),
        row_is_conditional=np.array([bool(row) for row in conditions], np.bool_),
    )
    return memory, conditions


def _next_edges(network: RoadNetwork, edge: int) -> range:
    """Edges that leave the head of an edge."""
    head = network.edge_head[edge]
    return range(network.edge_first_out[head], network.edge_first_out[head + 1])


def _turn_prices(network: RoadNetwork) -> TurnPrices:
    """Gather what the costs of turns depend on."""
    usable, _ = lasting_flags(network)
    usable_piece = usable | usable[network.edge_reverse]
    pieces_at_node = np.bincount(network.edge_tail[usable_piece], minlength=network.node_count)
    costs = network.turn_costs
    return TurnPrices(
        turn_ms=costs.turn_s * MILLISECONDS,
        u_turn_ms=round(costs.u_turn_s * MILLISECONDS),
        traffic_signal_ms=round(costs.traffic_signal_s * MILLISECONDS),
        is_junction=pieces_at_node >= JUNCTION_PIECES,
        has_signals=(network.node_flags & NodeFlag.TRAFFIC_SIGNALS) != 0,
        bearing=edge_bearings(
            network.edge_shape,
            network.edge_is_backward,
            network.shape_first,
            network.shape_latitude_degrees,
            network.shape_longitude_degrees,
        ),
    )
