"""Compiled minimum cuts between two ends of a set of junctions: Dinic's maximum flow on an undirected road graph.

Dinic (1970) repeats two steps until no way is left: number the junctions by their distance to the sinks along road
pieces that still have room, then send flow along strictly falling numbers until every such way is full. The junctions
that can still reach the sinks (or be reached from the sources) are one side of a smallest cut.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import int64, merged_kernel

Int32Array = NDArray[np.int32]

UNREACHED = -1
DEAD_END = -2
PLENTY = 1 << 30


class JunctionGraph(NamedTuple):
    """Junctions joined by undirected road pieces, as compressed sparse rows.

    Fields, all int32: ``first (n + 1,)``; by row entry: ``neighbour``, ``piece`` and ``sign``, 1 where the piece is
    drawn from this junction and -1 where it is drawn towards it; ``capacity (p,)`` by piece: what cutting it costs.
    """

    first: Int32Array
    neighbour: Int32Array
    piece: Int32Array
    sign: Int32Array
    capacity: Int32Array


class FlowRoom(NamedTuple):
    """Room for flows, all int32.

    Fields: ``cell (n,)`` number of the set each junction belongs to; ``level``, ``queue``, ``cursor``, ``path``, all
    ``(n,)``, of use inside; ``flow (p,)`` along the drawn direction of each piece.
    """

    cell: Int32Array
    level: Int32Array
    queue: Int32Array
    cursor: Int32Array
    path: Int32Array
    flow: Int32Array


def flow_room(junction_count: int, piece_count: int) -> FlowRoom:
    """Make room for flows; all junctions are in set 0.

    Parameters
    ----------
    junction_count, piece_count
        Size of the graph.

    Returns
    -------
    FlowRoom
        Arrays that any number of cuts may use one after the other.
    """
    level, queue, cursor, path = (np.empty(junction_count, np.int32) for _ in range(4))
    return FlowRoom(
        cell=np.zeros(junction_count, np.int32),
        level=level,
        queue=queue,
        cursor=cursor,
        path=path,
        flow=np.zeros(piece_count, np.int32),
    )


@njit(nogil=True, cache=True)
def spread(graph: JunctionGraph, room: FlowRoom, members: Int32Array, end_count: int, direction: int) -> int:
    """Give the junctions of a set their levels, their distance from one end along pieces with room left.

    Parameters
    ----------
    graph, room
        The graph, and room whose ``level`` is written: `UNREACHED` where there is no way.
    members
        The junctions of the set, the sources first, the sinks last.
    end_count
        How many sources and how many sinks.
    direction
        1 to follow the flow from the sources, -1 to go against it from the sinks.

    Returns
    -------
    int
        Number of junctions reached.
    """
    count = len(members)
    cell = room.cell[members[0]]
    for index in range(count):
        room.level[members[index]] = UNREACHED
    for index in range(end_count):
        start = members[index] if direction > 0 else members[count - 1 - index]
        room.level[start] = 0
        room.queue[index] = start
    reached, taken = end_count, 0
    while taken < reached:
        junction = room.queue[taken]
        taken += 1
        for row in range(graph.first[junction], graph.first[junction + 1]):
            other = graph.neighbour[row]
            piece = graph.piece[row]
            has_room = graph.capacity[piece] - direction * graph.sign[row] * room.flow[piece] > 0
            if has_room and room.cell[other] == cell and room.level[other] == UNREACHED:
                room.level[other] = room.level[junction] + 1
                room.queue[reached] = other
                reached += 1
    return reached


@merged_kernel
def _augment(graph: JunctionGraph, room: FlowRoom, source: int) -> int:
    """Send flow along one way of falling levels; return how much, 0 where there is no way left."""
    cell = room.cell[source]
    junction, depth = source, 0
    while room.level[junction] > 0:
        row = room.cursor[junction]
        if row == graph.first[junction + 1]:
            room.level[junction] = DEAD_END
            if depth == 0:
                return 0
            depth -= 1
            junction = source if depth == 0 else graph.neighbour[room.path[depth - 1]]
            continue
        other = graph.neighbour[row]
        is_way = room.cell[other] == cell and room.level[other] == room.level[junction] - 1
        if is_way and graph.capacity[graph.piece[row]] > graph.sign[row] * room.flow[graph.piece[row]]:
            room.path[depth] = row
            depth += 1
            junction = other
        else:
            room.cursor[junction] += 1
    amount = PLENTY
    for step in range(depth):
        row = room.path[step]
        amount = min(amount, graph.capacity[graph.piece[row]] - graph.sign[row] * room.flow[graph.piece[row]])
    for step in range(depth):
        row = room.path[step]
        room.flow[graph.piece[row]] += graph.sign[row] * amount
    return amount


@njit(nogil=True, cache=True)
def minimum_cut(graph: JunctionGraph, room: FlowRoom, members: Int32Array, end_count: int, limit: float) -> int:
    """Find the smallest cut between the first and the last junctions of a set.

    Parameters
    ----------
    graph, room
        The graph, and room whose ``flow`` is written; `spread` then tells the two sides.
    members
        The junctions of the set, all with the same ``room.cell``; the sources first, the sinks last.
    end_count
        How many sources and how many sinks.
    limit
        Give up as soon as the cut is known to cost this much.

    Returns
    -------
    int
        What the cut costs; ``-1`` where it was given up.
    """
    for index in range(len(members)):
        for row in range(graph.first[members[index]], graph.first[members[index] + 1]):
            room.flow[graph.piece[row]] = 0
    total = 0
    while True:
        spread(graph, room, members, end_count, int64(-1))
        for index in range(len(members)):
            room.cursor[members[index]] = graph.first[members[index]]
        sent = 0
        for index in range(end_count):
            while room.level[members[index]] > 0:
                sent += _augment(graph, room, members[index])
        total += sent
        if sent == 0:
            return total
        if total >= limit:
            return -1
