"""The part of the routing index that depends on the roads alone: a contraction order and the shortcuts it needs.

A *customizable contraction hierarchy* (Dibbelt, Strasser and Wagner 2016, doi 10.1145/2886843): the states of the turn
graph are ranked by nested dissection (`geo.routing.nested_dissection`) and contracted in that order; contracting a
state joins its higher neighbours by shortcuts. Which shortcuts there are does not depend on any speed, so that new
speeds need only new costs (`geo.routing.customization`).

Each arc is kept at its lower end: *up* arcs lead from there to a higher rank, *down* arcs come from a higher rank.
Every climb from a rank, along up arcs or against down arcs, stays on the path to the root of the *elimination tree*:
so a search needs no priority queue, it follows the parents (`geo.routing.climbing_kernels`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork, read_only
from geo.routing.hierarchy_kernels import RankedArcs, arcs_by_rank, elimination_tree, find_shortcuts, slots_of_arcs
from geo.routing.nested_dissection import dissect
from geo.routing.turn_graph import TurnGraph


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Order and shortcuts over ``s`` states and ``a`` arcs of a turn graph.

    Parameters
    ----------
    rank
        ``(s,)`` int32 rank of each state, 0 the lowest.
    parent
        ``(s,)`` int32 by rank: the next rank on the way to the root of the elimination tree; ``-1`` at a root.
    up_first, up_end
        ``(s + 1,)`` int64, int32: the higher ranks that each rank leads to, ascending.
    down_first, down_end
        ``(s + 1,)`` int64, int32: the higher ranks that lead to each rank, ascending.
    arc_slot
        ``(a,)`` int64: where each arc of the turn graph stands among the up arcs followed by the down arcs; ``-1``
        for an arc from a state to itself.
    """

    rank: NDArray[np.int32]
    parent: NDArray[np.int32]
    up_first: NDArray[np.int64]
    up_end: NDArray[np.int32]
    down_first: NDArray[np.int64]
    down_end: NDArray[np.int32]
    arc_slot: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Make the arrays read-only: they are shared."""
        for column in vars(self).values():
            read_only(column)

    @classmethod
    def of_turn_graph(cls, network: RoadNetwork, turn_graph: TurnGraph) -> Hierarchy:
        """Order and contract the states of a turn graph.

        Parameters
        ----------
        network
            The road network.
        turn_graph
            Its turn graph.

        Returns
        -------
        Hierarchy
            The same for the same roads, on every machine.
        """
        rank = dissect(network, turn_graph)
        start = np.repeat(rank, np.diff(turn_graph.first_arc))
        end = rank[turn_graph.arc_head]
        leaving = arcs_by_rank(start, end, turn_graph.state_count)
        entering = arcs_by_rank(end, start, turn_graph.state_count)
        up, down = find_shortcuts(leaving, entering)
        return cls(
            rank=rank,
            parent=elimination_tree(leaving, entering),
            up_first=up.first,
            up_end=up.end,
            down_first=down.first,
            down_end=down.end,
            arc_slot=slots_of_arcs(start, end, up, down),
        )

    @property
    def up(self) -> RankedArcs:
        """Up arcs, as kernels read them."""
        return RankedArcs(self.up_first, self.up_end)

    @property
    def down(self) -> RankedArcs:
        """Down arcs, as kernels read them."""
        return RankedArcs(self.down_first, self.down_end)
