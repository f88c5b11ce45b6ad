"""Travel times and lengths between many places at once.

The two halves of a fastest path meet at the highest rank on it, and every rank where they can meet is an ancestor of
both places in the elimination tree. So the matrix takes one climb per place (some two hundred ranks, no priority
queue) and then, for each pair, the smallest sum over common ancestors. Because common ancestors come in long runs that
many places share, those minima are products of dense matrices in the (min, +) algebra.

Places are sorted by where they start in the tree; neighbours then share their runs, and what they read stays in cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.routing.climbing_kernels import NONE, ClimbRoom, SearchGraph
from geo.routing.route import TravelMatrix
from geo.routing.travel_keys import NO_PATH
from geo.routing.travel_matrix_kernels import (
    DESTINATION,
    ORIGIN,
    TILE,
    Climbers,
    Crests,
    PlaceColumns,
    climb_all,
    count_visits,
    group_ranks,
    lower_direct_pairs,
    multiply_crests,
    write_matrix,
)

ENTRIES_AT_ONCE = 1 << 20
"""Entries of the matrix held as 64-bit keys at once: 8 MB, which the last-level cache holds."""


def search_matrix(
    graph: SearchGraph, origins: PlaceColumns, destinations: PlaceColumns, room: ClimbRoom
) -> TravelMatrix:
    """Find the fastest paths between all pairs.

    Parameters
    ----------
    graph
        The graph.
    origins, destinations
        ``n`` and ``m`` places.
    room
        Room for climbs.

    Returns
    -------
    TravelMatrix
        ``(n, m)``.
    """
    shape = (len(origins.edge), len(destinations.edge))
    duration_ms, length_cm = np.empty(shape, np.int32), np.empty(shape, np.int32)
    rows, columns = _tree_order(graph, origins), _tree_order(graph, destinations)
    origins, destinations = _taken(origins, rows), _taken(destinations, columns)
    crests = _crests(graph, origins, destinations, room)
    origin_climbers, destination_climbers = _climbers(crests.origins, crests), _climbers(crests.destinations, crests)
    climb_all(graph, origins, ORIGIN, crests, room, origin_climbers)
    climb_all(graph, destinations, DESTINATION, crests, room, destination_climbers)
    straight = _same_piece(graph, origins, destinations)
    rows_at_once = max(1, min(ENTRIES_AT_ONCE // max(1, shape[1]), shape[0]))
    block, best = np.empty((rows_at_once, shape[1]), np.int64), np.empty(TILE, np.int64)
    for first in range(0, shape[0], rows_at_once):
        keys = block[: shape[0] - first]
        keys.fill(NO_PATH)
        multiply_crests(crests, origin_climbers, destination_climbers, first, best, keys)
        lower_direct_pairs(graph.roads, origins, destinations, first, *straight, keys)
        write_matrix(keys, rows[first:], columns, duration_ms, length_cm)
    return TravelMatrix(duration_ms, length_cm)


def _crests(graph: SearchGraph, origins: PlaceColumns, destinations: PlaceColumns, room: ClimbRoom) -> Crests:
    """Group the ranks that both origins and destinations climb over."""
    rank_count = len(graph.parent)
    origin_visits, destination_visits = np.zeros((2, rank_count), np.int32)
    count_visits(graph, origins, ORIGIN, room, origin_visits)
    count_visits(graph, destinations, DESTINATION, room, destination_visits)
    position, origin_count, destination_count = np.empty((3, rank_count), np.int32)
    of_rank, height = np.full(rank_count, NONE, np.int32), np.zeros(rank_count, np.int32)
    crests = Crests(of_rank, position, height, origin_count, destination_count)
    count = group_ranks(graph.parent, origin_visits, destination_visits, crests)
    return Crests(of_rank, position, height[:count], origin_count[:count], destination_count[:count])


def _climbers(counts: NDArray[np.int32], crests: Crests) -> Climbers:
    """Make room for the places that climb over each crest, whose numbers are given, and for their keys."""
    first_member, first_key = np.zeros((2, len(counts) + 1), np.int64)
    np.cumsum(counts, out=first_member[1:])
    np.cumsum(np.multiply(counts, crests.height, dtype=np.int64), out=first_key[1:])
    return Climbers(
        first_member=first_member,
        member=np.empty(first_member[-1], np.int32),
        first_key=first_key,
        key=np.full(first_key[-1], NO_PATH, np.int64),
        entered=np.zeros(len(counts), np.int32),
    )


def _tree_order(graph: SearchGraph, places: PlaceColumns) -> NDArray[np.int64]:
    """Sort places by the rank of a state on their road."""
    roads = graph.roads
    state = np.minimum(roads.edge_first_state[np.maximum(places.edge, 0)], len(roads.rank) - 1)
    return np.argsort(roads.rank[state], kind="stable")


def _taken(places: PlaceColumns, order: NDArray[np.int64]) -> PlaceColumns:
    """Take places in another order."""
    return PlaceColumns(places.edge[order], places.fraction[order], places.one_direction)


def _same_piece(
    graph: SearchGraph, origins: PlaceColumns, destinations: PlaceColumns
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Chain the destinations on each road piece, and find the chain of each origin; `NONE` ends a chain."""
    reverse = graph.roads.edge_reverse
    origin_piece = np.minimum(origins.edge, reverse[origins.edge])
    piece = np.minimum(destinations.edge, reverse[destinations.edge])
    order = np.argsort(piece, kind="stable")
    following = np.full(len(piece), NONE, np.int64)
    same = np.flatnonzero(piece[order][1:] == piece[order][:-1])
    following[order[same]] = order[same + 1]
    found = np.searchsorted(piece[order], origin_piece)
    first = np.append(order, NONE)[found]
    is_same = (first != NONE) & (origins.edge >= 0) & (np.append(piece, NONE)[first] == origin_piece)
    return np.where(is_same, first, NONE), following
