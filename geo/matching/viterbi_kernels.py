"""The hidden Markov model of map matching, solved for a whole track in one compiled call.

The states of an observation are its candidates on roads and one state off the road. The model is that of Newson and
Krumm, "Hidden Markov map matching through noise and sparseness" (ACM GIS 2009): observations scatter around the true
place (their equation 1), and drivers do not make detours (their equations 2 and 3, an exponential law in the
difference between the way and the great circle). Two deliberate deviations: the cost of a way is linear in its
length, so the great circle, which is the same for all ways between two observations, drops out and jitter cannot
pretend a detour; and its weight does not depend on the sampling, because it says how drivers choose, not how well
distances between observations are known.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import inner_kernel, int64, merged_kernel
from geo.matching.emission_kernels import position_nats
from geo.matching.records import STEP, Record, Records
from geo.matching.road_search_kernels import (
    MAX_LABELS,
    NO_RIVAL,
    Goal,
    Head,
    Roads,
    SearchRoom,
    more_steps,
    pop,
    relax_onward,
    way_nats,
)
from geo.tracks.local_plane_kernels import plane_distance_m

START = -1
"""Value of ``CANDIDATE.before``: the run starts here."""
FROM_OFF_ROAD = -2
"""Value of ``CANDIDATE.before``: the observation before is off the road."""

ON_SAME_EDGE = -1
"""Value of ``CANDIDATE.way``: on along the same edge."""
TURNED_BACK = -2
"""Value of ``CANDIDATE.way``: turned back at this very observation; ``before`` is of the same observation."""
BROKEN = -3
"""Value of ``CANDIDATE.way``: no road joins the two; the straight line between them was taken."""

_DENSE_M = 80.0
"""Observations about so close together count as dense."""


class WayNats(NamedTuple):
    """What ways cost in nats.

    Parameters
    ----------
    detour_m
        A way costs one nat per so many metres.
    turn_back, turn_back_at_stay
        Turning back in the middle of an edge, while moving and where the worker stood still.
    reverse_m, reverse_sigmas, most_reverse_m
        So many metres backwards along an edge pass as noise; those beyond, up to so many standard deviations of the
        position error and never more than the last, as noise that costs half its square in standard deviations.
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
    least_way_per_m
        Least ``EDGE.way_per_m`` of any edge.
    """

    detour_m: float
    turn_back: float
    turn_back_at_stay: float
    reverse_m: float
    reverse_sigmas: float
    most_reverse_m: float
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
    least_way_per_m: float


class _Move(NamedTuple):
    """From one observation to the next: places of the candidates, and what is known about their costs."""

    old_first: int
    old_stop: int
    first: int
    stop: int
    best_old: int
    best_nats: float
    straight_m: float
    straight_nats: float
    window: float
    turn_back: float
    sigma_m: float


@njit(nogil=True, cache=True)
def fill_trellis(roads: Roads, layers: Records, candidates: Records, ways: WayNats, room: SearchRoom) -> Records:
    """Find the best history of every state of every observation.

    Parameters
    ----------
    roads
        The roads.
    layers, candidates
        ``(t,)`` `LAYER` and ``(c,)`` `CANDIDATE`; receive the histories.
    ways
        What ways cost.
    room
        Room for searches, of this thread.

    Returns
    -------
    Records
        ``(w,)`` `STEP`: the ways by which the candidates are reached.
    """
    steps = np.empty(4 * MAX_LABELS, STEP)
    used = int64(0)
    for number in range(len(layers)):
        layer = layers[number]
        if layer["starts_run"]:
            layer["off_road_nats"], layer["off_road_before"] = _off_road_emission(layer, ways), START
            for place in range(layer["candidate_first"], layer["candidate_stop"]):
                candidate = candidates[place]
                candidate["nats"] = candidate["emission"]
                candidate["before"], candidate["way"], candidate["margin"] = START, ON_SAME_EDGE, NO_RIVAL
            continue
        if used + MAX_LABELS > len(steps):
            steps = more_steps(steps, used + MAX_LABELS)
        used = advance(roads, layers, candidates, ways, room, steps, used, number)
    return steps[:used]


@inner_kernel
def _off_road_emission(layer: Record, ways: WayNats) -> float:
    distance_m = max(ways.off_road_m, 4.0 * layer["sigma_m"])
    return float(position_nats(distance_m, layer["sigma_m"]) * layer["evidence"])


@inner_kernel
def advance(
    roads: Roads,
    layers: Records,
    candidates: Records,
    ways: WayNats,
    room: SearchRoom,
    steps: Records,
    used: int,
    number: int,
) -> int:
    """Carry the histories from one observation to the next; return how many steps of ways there are now."""
    before, layer = layers[number - 1], layers[number]
    room.round[0] += 1
    goal, move = _plan_move(before, layer, candidates, ways)
    for place in range(move.first, move.stop):
        candidate = candidates[place]
        label = room.labels[candidate["edge"]]
        if label["goal_mark"] != room.round[0]:
            label["goal_mark"], label["goal"] = room.round[0], -1
        candidate["next_on_edge"], label["goal"] = label["goal"], place
        candidate["nats"], candidate["before"], candidate["margin"] = math.inf, START, NO_RIVAL
    if move.first < move.stop and move.best_old >= 0:
        _along_same_edges(roads, goal, move, ways, room, candidates)
        used = _search(roads, ways, goal, room, steps, candidates, move, used)
    _settle(before, layer, candidates, move, ways)
    return used


@inner_kernel
def _plan_move(before: Record, layer: Record, candidates: Records, ways: WayNats) -> tuple[Goal, _Move]:
    """Say where the search goes and what it may cost."""
    straight_m = plane_distance_m(before["latitude"], before["longitude"], layer["latitude"], layer["longitude"])
    nats_per_m = 1.0 / ways.detour_m
    radius_m = 0.0
    for place in range(layer["candidate_first"], layer["candidate_stop"]):
        radius_m = max(radius_m, candidates[place]["distance_m"])
    best_old, best_nats = -1, math.inf
    for place in range(before["candidate_first"], before["candidate_stop"]):
        if candidates[place]["nats"] < best_nats:
            best_old, best_nats = place, candidates[place]["nats"]
    goal = Goal(
        layer["latitude"],
        layer["longitude"],
        METRES_PER_DEGREE * math.cos(math.radians(layer["latitude"])),
        radius_m,
        nats_per_m,
        layer["reach_m"],
        ways.hurry,
        ways.stray * straight_m * nats_per_m + ways.detour,
        ways.least_way_per_m * nats_per_m if straight_m > ways.directed_m else 0.0,
    )
    move = _Move(
        before["candidate_first"],
        before["candidate_stop"],
        layer["candidate_first"],
        layer["candidate_stop"],
        best_old,
        best_nats,
        straight_m,
        ways.off_road_length * straight_m * nats_per_m,
        ways.window + (ways.dense_window - ways.window) / (1.0 + (straight_m / _DENSE_M) ** 2),
        ways.turn_back_at_stay if layer["last"] > layer["first"] else ways.turn_back,
        max(before["sigma_m"], layer["sigma_m"]),
    )
    return goal, move


@inner_kernel
def _along_same_edges(
    roads: Roads, goal: Goal, move: _Move, ways: WayNats, room: SearchRoom, candidates: Records
) -> None:
    """Reach the candidates that lie on the same edges as those before."""
    most_back_m = max(ways.reverse_m, min(ways.reverse_sigmas * move.sigma_m, ways.most_reverse_m))
    for source in range(move.old_first, move.old_stop):
        start = candidates[source]
        if start["nats"] > move.best_nats + move.window:
            continue
        edge = roads.edges[start["edge"]]
        label = room.labels[start["edge"]]
        if label["goal_mark"] != room.round[0]:
            continue
        target = label["goal"]
        while target >= 0:
            ahead_m = candidates[target]["along_m"] - start["along_m"]
            if ahead_m >= -most_back_m:
                nats = start["nats"] + way_nats(edge, goal, 0.0, abs(ahead_m))
                if ahead_m < -ways.reverse_m:
                    nats += 0.5 * ((ahead_m + ways.reverse_m) / move.sigma_m) ** 2
                _arrive(candidates[target], nats, source, ON_SAME_EDGE, 0.0)
            target = candidates[target]["next_on_edge"]


@merged_kernel
def _arrive(candidate: Record, nats: float, source: int, way: int, same_way_as: float) -> None:
    """Take a way to a candidate where it is the cheapest so far, and remember by how much."""
    rival = candidate["nats"] - nats
    if rival > 0.0:
        is_same_route = way >= 0 and same_way_as == 1.0 and candidate["way"] == ON_SAME_EDGE
        candidate["margin"] = min(NO_RIVAL, candidate["margin"] + rival if is_same_route else rival)
        candidate["nats"], candidate["before"], candidate["way"] = nats, source, way
    elif same_way_as != 1.0:
        candidate["margin"] = min(candidate["margin"], -rival)


@inner_kernel
def _limit(candidates: Records, move: _Move, ways: WayNats) -> tuple[float, float, int]:
    """Say beyond which cost a search can improve no candidate any more.

    A candidate can always be reached by turning back from its opposite, and by going straight without a road. And it
    counts only where, observation included, it costs no more than the best and the window: dearer histories are given
    up at the next observation.

    Returns
    -------
    tuple[float, float, int]
        The cost, that of the best candidate so far, and the candidate that the first depends on.
    """
    broken = move.best_nats + ways.broken + move.straight_nats
    best = math.inf
    for place in range(move.first, move.stop):
        best = min(best, candidates[place]["nats"] + candidates[place]["emission"])
    limit, decisive = 0.0, move.first
    for place in range(move.first, move.stop):
        candidate = candidates[place]
        bound = min(candidate["nats"], broken, best + move.window - candidate["emission"])
        if candidate["opposite"] >= 0:
            opposite = candidates[candidate["opposite"]]
            turned = opposite["nats"] + opposite["emission"] + move.turn_back - candidate["emission"]
            bound = min(bound, turned)
        if bound > limit:
            limit, decisive = bound, place
    return limit, best, decisive


@inner_kernel
def _search(
    roads: Roads,
    ways: WayNats,
    goal: Goal,
    room: SearchRoom,
    steps: Records,
    candidates: Records,
    move: _Move,
    used: int,
) -> int:
    """Reach the candidates of an observation along the roads; return how many steps of ways there are now."""
    # Long because its state would not fit into the arguments of two kernels.
    edges, labels, heap = roads.edges, room.labels, room.heap
    limit, best, decisive = _limit(candidates, move, ways)
    size = 0
    for source in range(move.old_first, move.old_stop):
        start = candidates[source]
        if start["nats"] <= move.best_nats + move.window:
            onward_m = edges[start["edge"]]["length_m"] - start["along_m"]
            onward = start["nats"] + way_nats(edges[start["edge"]], goal, 0.0, onward_m)
            if onward <= limit:
                head = Head(start["edge"], -1 - source, onward, start["nats"], onward_m)
                size = relax_onward(roads, goal, room, steps, head, limit, size)
    last = min(len(steps), used + MAX_LABELS)
    is_final = 2 * room.round[0] + 1
    while size > 0 and used < last and heap[0]["key"] <= limit:
        size = pop(heap, size)
        number = heap[size]["edge"]
        label = labels[number]
        if label["mark"] == is_final:
            continue
        step = steps[used]
        step["edge"], step["before"], step["margin"] = number, label["way"], label["margin"]
        step["source"] = -1 - label["way"] if label["way"] < 0 else steps[label["way"]]["source"]
        label["mark"], label["way"] = is_final, used
        edge = edges[number]
        if label["goal_mark"] == room.round[0]:
            target = label["goal"]
            while target >= 0:
                candidate = candidates[target]
                arrival = label["nats"] + way_nats(edge, goal, label["way_m"], candidate["along_m"])
                _arrive(candidate, arrival, step["source"], used, 1.0 if step["before"] < 0 else 0.0)
                # the limit falls with the best and with the candidate that it depends on; else it need not be computed
                if candidate["nats"] + candidate["emission"] < best or (
                    decisive == target or decisive == candidate["opposite"]
                ):
                    limit, best, decisive = _limit(candidates, move, ways)
                target = candidate["next_on_edge"]
        onward = label["nats"] + way_nats(edge, goal, label["way_m"], edge["length_m"])
        if onward <= limit:
            head = Head(number, used, onward, label["start_nats"], label["way_m"] + edge["length_m"])
            size = relax_onward(roads, goal, room, steps, head, limit, size)
        used += 1
    return used


@inner_kernel
def _settle(before: Record, layer: Record, candidates: Records, move: _Move, ways: WayNats) -> None:
    """Let the candidates be reached without a road where that is cheaper, and add what observing costs."""
    broken = move.best_nats + ways.broken + move.straight_nats
    from_off_road = before["off_road_nats"] + move.straight_nats + ways.off_road_leave
    for place in range(move.first, move.stop):
        candidate = candidates[place]
        if broken < candidate["nats"]:
            candidate["nats"], candidate["before"], candidate["way"] = broken, move.best_old, BROKEN
        candidate["margin"] = min(candidate["margin"], abs(from_off_road - candidate["nats"]))
        if from_off_road < candidate["nats"]:
            candidate["nats"], candidate["before"], candidate["way"] = from_off_road, FROM_OFF_ROAD, BROKEN
        candidate["nats"] += candidate["emission"]
    for place in range(move.first, move.stop):
        candidate = candidates[place]
        if candidate["opposite"] < 0:
            continue
        turned = candidates[candidate["opposite"]]["nats"] + move.turn_back
        candidate["margin"] = min(candidate["margin"], abs(turned - candidate["nats"]))
        if turned < candidate["nats"]:
            candidate["nats"], candidate["before"], candidate["way"] = turned, candidate["opposite"], TURNED_BACK
    layer["off_road_nats"], layer["off_road_before"] = before["off_road_nats"], FROM_OFF_ROAD
    if move.best_nats + ways.off_road_enter < before["off_road_nats"]:
        layer["off_road_nats"], layer["off_road_before"] = move.best_nats + ways.off_road_enter, move.best_old
    layer["off_road_nats"] += move.straight_nats + _off_road_emission(layer, ways)
