"""Obvious contraction, elimination trees and shortest distances on small sets of arcs: oracles of the hierarchy."""

from __future__ import annotations

import itertools

NEVER = 1 << 61

Arcs = set[tuple[int, int]]


def naive_contraction(arcs: Arcs, rank_count: int) -> Arcs:
    """Contract the ranks one after the other and return all arcs, shortcuts included."""
    found = {(start, end) for start, end in arcs if start != end}
    for rank in range(rank_count):
        into = [start for start, end in found if end == rank and start > rank]
        onward = [end for start, end in found if start == rank and end > rank]
        found |= {(start, end) for start, end in itertools.product(into, onward) if start != end}
    return found


def naive_parents(arcs: Arcs, rank_count: int) -> list[int]:
    """Lowest higher neighbour of each rank once all are contracted, directions ignored; -1 where there is none."""
    both_ways = naive_contraction(arcs | {(end, start) for start, end in arcs}, rank_count)
    return [
        min((end for start, end in both_ways if start == rank and end > rank), default=-1) for rank in range(rank_count)
    ]


def naive_distances(keys: dict[tuple[int, int], int], rank_count: int) -> list[list[int]]:
    """Shortest distances between all ranks (Floyd and Warshall); `NEVER` where there is no path."""
    distance = [[keys.get((start, end), NEVER) for end in range(rank_count)] for start in range(rank_count)]
    for rank in range(rank_count):
        distance[rank][rank] = 0
    for middle, start, end in itertools.product(range(rank_count), repeat=3):
        distance[start][end] = min(distance[start][end], distance[start][middle] + distance[middle][end])
    return distance
