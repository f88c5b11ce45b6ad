"""The hidden Markov model of map matching, solved for a whole track in one compiled call.

The states of an observation are its candidates on roads and one state off the road. The model is that of Newson and
Krumm, "Hidden Markov map matching through noise and sparseness" (ACM GIS 2009): observations scatter around the true
place (their equation 1), and drivers do not make detours (their equations 2 and 3, an exponential law in the
difference between the way and the great circle). Two deliberate deviations: the cost of a way is linear in its
length, so the great circle, which is the same for all ways between two observations, drops out and jitter cannot
pretend a detour; and what is left grows with the distance between observations, because sparse tracks hide bends.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.matching.candidate_kernels import Candidates
from geo.matching.emission_kernels import Emissions, position_nats
from geo.matching.observation_kernels import Observations
from geo.matching.road_graph import MatchingGraph
from geo.matching.road_search_kernels import (
    MAX_LABELS,
    Goal,
    Head,
    RoadSearch,
    SearchSpace,
    TurnNats,
    WayLog,
    edge_nats,
    pop,
    relax_onward,
)
from geo.tracks.local_plane_kernels import plane_distance_m

_DENSE_M = 60.0
"""Observations about so close together count as dense."""

START = -1
"""Value of `Trellis.before`: the run starts here."""
FROM_OFF_ROAD = -2
"""Value of `Trellis.before`: the observation before is off the road."""

ON_SAME_EDGE = -1
"""Value of `Trellis.way`: on along the same edge."""
TURNED_BACK = -2
"""Value of `Trellis.way`: turned back at this very observation; `Trellis.before` is of the same observation."""
BROKEN = -3
"""Value of `Trellis.way`: no road joins the two; the straight line between them was taken."""


class WayNats(NamedTuple):
    """What ways cost in nats.

    Parameters
    ----------
    base_m, growth
        A way costs one nat per ``base_m + growth * distance`` metres, with the distance between the observations.
    turn_back, turn_back_at_stay
        Turning back in the middle of an edge, while moving and where the worker stood still.
    reverse_m
        So many metres backwards along an edge pass as noise.
    off_road_enter, off_road_leave, off_road_length
        Leaving the roads and coming back; a metre off the road costs so many times one on the road.
    off_road_m
        Being off the road costs as much as a road at this distance.
    broken
        Going straight from one road to another that no road joins.
    hurry
        Metres beyond what could well be driven in the time cost so many times as much in addition.
    stray, detour
        A way may cost at most as much as so many times the straight line, and the last in addition.
    window, dense_window
        Histories that cost so much more than the best are given up; the second where observations lie close together,
        so that evidence comes slowly.
    directed_m
        Searches over more metres than this look towards the goal first.
    """

    base_m: float
    growth: float
    turn_back: float
    turn_back_at_stay: float
    reverse_m: float
    off_road_enter: float
    off_road_leave: float
    off_road_length: float
    off_road_m: float
    broken: float
    hurry: float
    stray: float
    detour: float
    window: float
    dense_window: float
    directed_m: float


class Seen(NamedTuple):
    """What was observed, where it may have been, and what that costs."""

    observations: Observations
    candidates: Candidates
    emissions: Emissions


class MovementNats(NamedTuple):
    """What turning and going cost."""

    turns: TurnNats
    ways: WayNats


class _Step(NamedTuple):
    """One step of the recursion: its candidates and what is known about their costs."""

    old_start: int
    start: int
    best_cost: float
    limit: float
    window: float


class Trellis(NamedTuple):
    """The best history of every state.

    Parameters
    ----------
    cost, before, way
        ``(c,)`` float64, int32, int32 per candidate: cost of its best history, the candidate before it (or `START`,
        `FROM_OFF_ROAD`), and the entry of the way log by which it was reached (or `ON_SAME_EDGE`, …).
    next_on_edge
        ``(c,)`` int32: the next candidate of the same observation on the same edge, ``-1`` at the end.
    off_cost, off_before
        ``(t,)`` float64, int32 of the state off the road; `off_before` is a candidate, `START` or `FROM_OFF_ROAD`.
    """

    cost: NDArray[np.float64]
    before: NDArray[np.int32]
    way: NDArray[np.int32]
    next_on_edge: NDArray[np.int32]
    off_cost: NDArray[np.float64]
    off_before: NDArray[np.int32]


@njit(nogil=True, cache=True)
def fill_trellis(graph: MatchingGraph, seen: Seen, nats: MovementNats, space: SearchSpace) -> tuple[Trellis, WayLog]:
    """Find the best history of every state of every observation.

    Parameters
    ----------
    graph
        The roads.
    seen
        What was observed, and where it may have been.
    nats
        What turning and going cost.
    space
        Room for searches, of this thread.

    Returns
    -------
    tuple[Trellis, WayLog]
        The histories, and the log in which their ways can be traced.
    """
    candidates = seen.candidates
    count, total = len(seen.observations.white_m), len(candidates.edge)
    trellis = Trellis(
        np.full(total, math.inf),
        np.full(total, START, np.int32),
        np.full(total, ON_SAME_EDGE, np.int32),
        np.full(total, -1, np.int32),
        np.full(count, math.inf),
        np.full(count, START, np.int32),
    )
    log = WayLog(np.empty(4096, np.int32), np.empty(4096, np.int32), np.empty(4096, np.int32))
    log_size = 0
    for layer in range(count):
        if seen.observations.starts_run[layer]:
            for candidate in range(candidates.first[layer], candidates.first[layer + 1]):
                trellis.cost[candidate] = seen.emissions.nats[candidate]
            trellis.off_cost[layer] = _off_road_nats(seen.emissions, nats.ways, layer)
            continue
        if log_size + MAX_LABELS > len(log.edge):
            log = _longer(log, log_size + MAX_LABELS)
        log_size = advance(graph, seen, nats, space, trellis, log, log_size, layer)
    return trellis, log


@njit(nogil=True, cache=True)
def _longer(log: WayLog, size: int) -> WayLog:
    edge, before, source = np.empty(2 * size, np.int32), np.empty(2 * size, np.int32), np.empty(2 * size, np.int32)
    edge[: len(log.edge)] = log.edge
    before[: len(log.edge)] = log.before
    source[: len(log.edge)] = log.source
    return WayLog(edge, before, source)


@njit(nogil=True, cache=True)
def _off_road_nats(emissions: Emissions, ways: WayNats, layer: int) -> float:
    sigma_m = emissions.sigma_m[layer]
    return float(position_nats(max(ways.off_road_m, 4.0 * sigma_m), sigma_m) * emissions.weight[layer])


@njit(nogil=True, cache=True)
def advance(
    graph: MatchingGraph,
    seen: Seen,
    nats: MovementNats,
    space: SearchSpace,
    trellis: Trellis,
    log: WayLog,
    log_size: int,
    layer: int,
) -> int:
    """Carry the histories from one observation to the next; return the new size of the way log."""
    observations, candidates, emissions = seen
    ways = nats.ways
    old_start, start, stop = candidates.first[layer - 1], candidates.first[layer], candidates.first[layer + 1]
    straight_m = plane_distance_m(
        observations.latitude_degrees[layer - 1],
        observations.longitude_degrees[layer - 1],
        observations.latitude_degrees[layer],
        observations.longitude_degrees[layer],
    )
    nats_per_m = 1.0 / (ways.base_m + ways.growth * straight_m)
    space.round[0] += 1
    widest = 0.0
    for candidate in range(start, stop):
        edge = candidates.edge[candidate]
        if space.goal_mark[edge] != space.round[0]:
            space.goal_mark[edge] = space.round[0]
            space.goal_first[edge] = -1
        trellis.next_on_edge[candidate] = space.goal_first[edge]
        space.goal_first[edge] = candidate
        widest = max(widest, candidates.distance_m[candidate])
    goal = Goal(
        observations.latitude_degrees[layer],
        observations.longitude_degrees[layer],
        widest,
        nats_per_m,
        observations.reach_m[layer],
        ways.hurry,
        ways.stray * straight_m * nats_per_m + ways.detour,
        straight_m > ways.directed_m,
    )
    best_old = -1
    for candidate in range(old_start, start):
        if best_old < 0 or trellis.cost[candidate] < trellis.cost[best_old]:
            best_old = candidate
    best_cost = trellis.cost[best_old] if best_old >= 0 else math.inf
    off_m = ways.off_road_length * straight_m * nats_per_m
    broken = best_cost + ways.broken + off_m
    if start < stop and best_old >= 0:
        window = ways.window + (ways.dense_window - ways.window) / (1.0 + (straight_m / _DENSE_M) ** 2)
        step = _Step(old_start, start, best_cost, broken, window)
        log_size = _search(RoadSearch(graph, nats.turns, goal, space), candidates, ways, trellis, log, log_size, step)
    off_before = trellis.off_cost[layer - 1]
    for candidate in range(start, stop):
        if trellis.cost[candidate] > broken:
            trellis.cost[candidate] = broken
            trellis.before[candidate] = best_old
            trellis.way[candidate] = BROKEN
        if trellis.cost[candidate] > off_before + off_m + ways.off_road_leave:
            trellis.cost[candidate] = off_before + off_m + ways.off_road_leave
            trellis.before[candidate] = FROM_OFF_ROAD
            trellis.way[candidate] = BROKEN
        trellis.cost[candidate] += emissions.nats[candidate]
    is_stay = observations.last[layer] > observations.first[layer]
    _turn_back(candidates, trellis, start, stop, ways.turn_back_at_stay if is_stay else ways.turn_back)
    trellis.off_cost[layer] = off_before
    trellis.off_before[layer] = FROM_OFF_ROAD
    if best_cost + ways.off_road_enter < off_before:
        trellis.off_cost[layer] = best_cost + ways.off_road_enter
        trellis.off_before[layer] = best_old
    trellis.off_cost[layer] += off_m + _off_road_nats(emissions, ways, layer)
    return log_size


@njit(nogil=True, cache=True)
def _search(
    search: RoadSearch,
    candidates: Candidates,
    ways: WayNats,
    trellis: Trellis,
    log: WayLog,
    log_size: int,
    step: _Step,
) -> int:
    """Reach the candidates of an observation from those of the one before; return the new size of the way log."""
    graph, space, limit = search.graph, search.space, step.limit
    heap_size = 0
    log_start = log_size
    for source in range(step.old_start, step.start):
        cost = trellis.cost[source]
        if cost > step.best_cost + step.window:
            continue
        edge = candidates.edge[source]
        along_m = candidates.along_m[source]
        if space.goal_mark[edge] == space.round[0]:
            target = space.goal_first[edge]
            while target >= 0:
                ahead_m = candidates.along_m[target] - along_m
                if ahead_m >= -ways.reverse_m:
                    total = cost + edge_nats(search, edge, 0.0, abs(ahead_m))
                    if total < trellis.cost[target]:
                        trellis.cost[target] = total
                        trellis.before[target] = source
                        trellis.way[target] = ON_SAME_EDGE
                        limit = min(limit, total + step.window)
                target = trellis.next_on_edge[target]
        onward_m = graph.length_m[edge] - along_m
        onward = cost + edge_nats(search, edge, 0.0, onward_m)
        heap_size = relax_onward(search, heap_size, Head(edge, -1 - source, onward, cost, onward_m))
    closed = 2 * space.round[0] + 1
    while heap_size > 0 and log_size - log_start < MAX_LABELS:
        heap_size = pop(space, heap_size)
        edge = space.heap_edge[heap_size]
        if space.heap_key[heap_size] > limit:
            break
        if space.mark[edge] == closed:
            continue
        space.mark[edge] = closed
        before = space.label_way[edge]
        log.edge[log_size] = edge
        log.before[log_size] = before
        log.source[log_size] = -1 - before if before < 0 else log.source[before]
        cost = space.label[edge]
        if space.goal_mark[edge] == space.round[0]:
            target = space.goal_first[edge]
            while target >= 0:
                total = cost + edge_nats(search, edge, space.label_m[edge], candidates.along_m[target])
                if total < trellis.cost[target]:
                    trellis.cost[target] = total
                    trellis.before[target] = log.source[log_size]
                    trellis.way[target] = log_size
                    limit = min(limit, total + step.window)
                target = trellis.next_on_edge[target]
        onward = cost + edge_nats(search, edge, space.label_m[edge], graph.length_m[edge])
        onward_m = space.label_m[edge] + graph.length_m[edge]
        heap_size = relax_onward(search, heap_size, Head(edge, log_size, onward, space.label_start[edge], onward_m))
        log_size += 1
    return log_size


@njit(nogil=True, cache=True)
def _turn_back(candidates: Candidates, trellis: Trellis, start: int, stop: int, nats: float) -> None:
    """Let every candidate be reached by turning back from the same place on the opposite edge."""
    for candidate in range(start, stop):
        opposite = candidates.opposite[candidate]
        if opposite >= 0 and trellis.cost[opposite] + nats < trellis.cost[candidate]:
            trellis.cost[candidate] = trellis.cost[opposite] + nats
            trellis.before[candidate] = opposite
            trellis.way[candidate] = TURNED_BACK
