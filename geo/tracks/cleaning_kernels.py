"""The compiled passes over a track that decide which points to believe."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, merged_kernel
from geo.tracks.local_plane_kernels import HALF_TURN_DEGREES, POLE_DEGREES, east_north_m, plane_distance_m
from geo.tracks.noise_kernels import white_noise_m
from geo.tracks.track import DropReason

_NOT_FINITE = int(DropReason.NOT_FINITE)
_OUT_OF_ORDER = int(DropReason.OUT_OF_ORDER)
_DUPLICATE_TIME = int(DropReason.DUPLICATE_TIME)
_POOR_ACCURACY = int(DropReason.POOR_ACCURACY)
_TELEPORT = int(DropReason.TELEPORT)
_SPIKE = int(DropReason.SPIKE)

MAX_PIECES_BACK = 50
"""How many pieces between jumps one may leave out at once: bounds the cost of tracks that jump all the time."""


_LEAST_SPIKE_SHARE = 0.5
_SPIKE_NOISES = 7.0
"""Noise alone puts a point less far aside than so many standard deviations, or than this share of the slack."""

MAX_STEP_MS = 60_000
"""A point stands for no more time than this."""


class CleaningLimits(NamedTuple):
    """The limits of `CleaningOptions` in the units of the kernels."""

    max_speed_mps: float
    max_speed_unseen_mps: float
    unseen_ms: float
    max_accuracy_m: float
    jump_slack_m: float
    jump_cost_ms: float
    max_acceleration_mps2: float


@njit(nogil=True, cache=True)
def believed_points(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    accuracy_m: NDArray[np.float64],
    limits: CleaningLimits,
) -> tuple[NDArray[np.int64], NDArray[np.uint8], float]:
    """Decide which points of a track to believe.

    Parameters
    ----------
    time_ms, latitude_degrees, longitude_degrees, accuracy_m
        ``(n,)`` raw points.
    limits
        What is not believed.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.uint8], float]
        ``(k,)`` indices of the believed points; ``(n,)`` `DropReason` of all; standard deviation per axis of the white
        noise, NaN where it cannot be told.
    """
    reasons = np.zeros(len(time_ms), np.uint8)
    kept = usable_points(time_ms, latitude_degrees, longitude_degrees, accuracy_m, limits, reasons)
    kept = chain_of_believed(time_ms, latitude_degrees, longitude_degrees, kept, limits, reasons)
    noise_m = white_noise_m(time_ms, latitude_degrees, longitude_degrees, kept)
    slack_m = limits.jump_slack_m
    if not math.isnan(noise_m):
        slack_m = max(_LEAST_SPIKE_SHARE * slack_m, _SPIKE_NOISES * noise_m)
    kept = drop_spikes(time_ms, latitude_degrees, longitude_degrees, kept, limits, slack_m, reasons)
    return kept, reasons, noise_m


@njit(nogil=True, cache=True)
def usable_points(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    accuracy_m: NDArray[np.float64],
    limits: CleaningLimits,
    reasons: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Points that are places on the earth, accurate enough and in order of time.

    Parameters
    ----------
    time_ms, latitude_degrees, longitude_degrees, accuracy_m
        ``(n,)`` raw points.
    limits
        What is not believed.
    reasons
        ``(n,)`` receives the reason of each point dropped here.

    Returns
    -------
    NDArray[np.int64]
        Indices of the points that stay; their times ascend strictly.
    """
    kept = np.empty(len(time_ms), np.int64)
    count = 0
    in_order = True
    for point in range(len(time_ms)):
        latitude, longitude = abs(latitude_degrees[point]), abs(longitude_degrees[point])
        if not (latitude <= POLE_DEGREES and longitude <= HALF_TURN_DEGREES):  # so written, NaN is refused too
            reasons[point] = _NOT_FINITE
        elif accuracy_m[point] > limits.max_accuracy_m:
            reasons[point] = _POOR_ACCURACY
        else:
            in_order = in_order and (count == 0 or time_ms[point] > time_ms[kept[count - 1]])
            kept[count] = point
            count += 1
    if in_order:
        return kept[:count]
    return _longest_ascending(time_ms, kept[:count], reasons)


@merged_kernel
def _longest_ascending(
    time_ms: NDArray[np.int64], kept: NDArray[np.int64], reasons: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Longest subsequence with strictly ascending times (patience sorting, Fredman 1975); the others get a reason."""
    pile_top = np.empty(len(kept), np.int64)
    pile_time = np.empty(len(kept), np.int64)
    before = np.full(len(kept), -1, np.int64)
    piles = 0
    for position in range(len(kept)):
        now = time_ms[kept[position]]
        pile = np.searchsorted(pile_time[:piles], now)
        before[position] = pile_top[pile - 1] if pile > 0 else -1
        if pile < piles and pile_time[pile] == now:
            continue  # of points with the same time the first stays
        pile_top[pile] = position
        pile_time[pile] = now
        piles = max(piles, pile + 1)
    chain = np.empty(piles, np.int64)
    position = pile_top[piles - 1] if piles > 0 else -1
    for place in range(piles - 1, -1, -1):
        chain[place] = kept[position]
        position = before[position]
    chain_time = time_ms[chain]
    place = 0
    for point in kept:
        if place < piles and chain[place] == point:
            place += 1
            continue
        same = np.searchsorted(chain_time, time_ms[point])
        is_duplicate = same < piles and chain_time[same] == time_ms[point]
        reasons[point] = _DUPLICATE_TIME if is_duplicate else _OUT_OF_ORDER
    return chain


@inner_kernel
def _is_reachable(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    limits: CleaningLimits,
    before: int,
    after: int,
) -> bool:
    step_ms = time_ms[after] - time_ms[before]
    speed = limits.max_speed_mps if step_ms <= limits.unseen_ms else limits.max_speed_unseen_mps
    distance = plane_distance_m(
        latitude_degrees[before], longitude_degrees[before], latitude_degrees[after], longitude_degrees[after]
    )
    return bool(distance <= limits.jump_slack_m + speed * step_ms / 1000.0)


@njit(nogil=True, cache=True)
def chain_of_believed(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    kept: NDArray[np.int64],
    limits: CleaningLimits,
    reasons: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Largest set of points that one worker could have recorded.

    The track is cut into pieces at every impossible jump. Of all chains of pieces, the one stays that covers the most
    time, where every jump that is left in the chain costs `CleaningLimits.jump_cost_ms`: a short piece far away goes,
    two long ones that nobody could have joined both stay.

    Parameters
    ----------
    time_ms, latitude_degrees, longitude_degrees
        ``(n,)`` raw points.
    kept
        Indices of the points to decide about, ascending in time.
    limits
        What is not believed.
    reasons
        ``(n,)`` receives the reason of each point dropped here.

    Returns
    -------
    NDArray[np.int64]
        Indices of the points that stay.
    """
    starts = np.empty(len(kept) + 1, np.int64)
    pieces = 0
    for place in range(len(kept)):
        if place == 0 or not _is_reachable(
            time_ms, latitude_degrees, longitude_degrees, limits, kept[place - 1], kept[place]
        ):
            starts[pieces] = place
            pieces += 1
    starts[pieces] = len(kept)
    if pieces <= 1:
        return kept
    worth = np.empty(pieces)
    before = np.full(pieces, -1, np.int64)
    for piece in range(pieces):
        best = 0.0
        for other in range(piece - 1, max(-1, piece - 1 - MAX_PIECES_BACK), -1):
            if worth[other] <= best:
                continue
            is_reachable = _is_reachable(
                time_ms, latitude_degrees, longitude_degrees, limits, kept[starts[other + 1] - 1], kept[starts[piece]]
            )
            offer = worth[other] - (0.0 if is_reachable else limits.jump_cost_ms)
            if offer > best:
                best = offer
                before[piece] = other
        worth[piece] = best + _time_covered_ms(time_ms, kept, starts[piece], starts[piece + 1])
    believed = np.zeros(pieces, np.bool_)
    piece = int(np.argmax(worth))
    last = piece
    while piece >= 0:
        believed[piece] = True
        first = piece
        piece = before[piece]
    return _points_of_pieces(kept, starts, believed, first, last, reasons)


@merged_kernel
def _time_covered_ms(time_ms: NDArray[np.int64], kept: NDArray[np.int64], start: int, stop: int) -> float:
    """Time that some points stand for: each half the way to its neighbours, holes not counted."""
    total = 0.0
    for place in range(start, stop):
        before = time_ms[kept[place]] - time_ms[kept[place - 1]] if place > 0 else MAX_STEP_MS
        after = time_ms[kept[place + 1]] - time_ms[kept[place]] if place + 1 < len(kept) else MAX_STEP_MS
        total += 0.5 * (min(before, MAX_STEP_MS) + min(after, MAX_STEP_MS))
    return total


@merged_kernel
def _points_of_pieces(
    kept: NDArray[np.int64],
    starts: NDArray[np.int64],
    believed: NDArray[np.bool_],
    first: int,
    last: int,
    reasons: NDArray[np.uint8],
) -> NDArray[np.int64]:
    chain = np.empty(len(kept), np.int64)
    count = 0
    for piece in range(len(believed)):
        is_single_between = starts[piece + 1] - starts[piece] == 1 and first < piece < last
        for place in range(starts[piece], starts[piece + 1]):
            if believed[piece]:
                chain[count] = kept[place]
                count += 1
            else:
                reasons[kept[place]] = _SPIKE if is_single_between else _TELEPORT
    return chain[:count]


@njit(nogil=True, cache=True)
def drop_spikes(
    time_ms: NDArray[np.int64],
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    kept: NDArray[np.int64],
    limits: CleaningLimits,
    slack_m: float,
    reasons: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Drop single points so far aside of the chord between their neighbours that no vehicle could have been there.

    With the bound ``a`` on acceleration a point ``s`` seconds after one neighbour and ``t`` before the other lies
    within ``a s t / 2`` of the place that constant speed between them would give.

    Parameters
    ----------
    time_ms, latitude_degrees, longitude_degrees
        ``(n,)`` raw points.
    kept
        Indices of the points to decide about, ascending in time.
    limits
        What is not believed.
    slack_m
        What noise alone may do.
    reasons
        ``(n,)`` receives the reason of each point dropped here.

    Returns
    -------
    NDArray[np.int64]
        Indices of the points that stay.
    """
    if len(kept) == 0:
        return kept
    chain = np.empty(len(kept), np.int64)
    chain[0] = kept[0]
    count = 1
    for place in range(1, len(kept) - 1):
        before, point, after = chain[count - 1], kept[place], kept[place + 1]
        first_s = (time_ms[point] - time_ms[before]) / 1000.0
        second_s = (time_ms[after] - time_ms[point]) / 1000.0
        share = first_s / (first_s + second_s)
        chord_east, chord_north = east_north_m(
            latitude_degrees[before], longitude_degrees[before], latitude_degrees[after], longitude_degrees[after]
        )
        east, north = east_north_m(
            latitude_degrees[before], longitude_degrees[before], latitude_degrees[point], longitude_degrees[point]
        )
        aside_east, aside_north = east - share * chord_east, north - share * chord_north
        aside_2 = aside_east * aside_east + aside_north * aside_north
        bound = slack_m + 0.5 * limits.max_acceleration_mps2 * first_s * second_s
        if aside_2 > bound * bound and aside_2 > chord_east * chord_east + chord_north * chord_north:
            reasons[point] = _SPIKE
        else:
            chain[count] = point
            count += 1
    if len(kept) > 1:
        chain[count] = kept[-1]
        count += 1
    return chain[:count]
