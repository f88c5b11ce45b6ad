"""Piecewise linear functions of whole seconds, and what legs and visits do to them.

They are the states of `optimizer.routes.soft_window_kernels`. A function is not defined before its first piece; its
last one goes on for ever.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.kernel import allocating_inner_kernel, int64
from optimizer.routes.schedule_kernels import NEVER, VisitTimes


class Pieces(NamedTuple):
    """A piecewise linear function: per piece its first second, the value there, and the slope per second; int64."""

    start_s: NDArray[np.int64]
    value: NDArray[np.int64]
    slope: NDArray[np.int64]


@allocating_inner_kernel
def no_pieces() -> Pieces:
    """Return the function that is nowhere defined: what it stands for cannot be done."""
    return Pieces(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


@allocating_inner_kernel
def constant_from(start_s: int, value: int) -> Pieces:
    """Return the function that has one value from a moment on."""
    return Pieces(np.full(1, start_s), np.full(1, value), np.zeros(1, np.int64))


@allocating_inner_kernel
def value_at(pieces: Pieces, moment_s: int) -> int:
    """Return the value at a moment, not before the first piece."""
    index = np.searchsorted(pieces.start_s, moment_s, side="right") - 1
    return int(pieces.value[index] + pieces.slope[index] * (moment_s - pieces.start_s[index]))


@allocating_inner_kernel
def after_leg(ready: Pieces, shift_s: int, latest_s: int, earliest_s: int) -> Pieces:
    """Carry a function over a leg.

    Parameters
    ----------
    ready
        Least cost of leaving by a moment, never rising.
    shift_s, latest_s, earliest_s
        How long the leg takes with its breaks, when it must be begun, and when it is over at the earliest.

    Returns
    -------
    Pieces
        Least cost of being at its end by a moment.
    """
    count = len(ready.start_s)
    if count == 0 or ready.start_s[0] > latest_s:
        return no_pieces()
    found = _builder(count + 1)
    for index in range(count):
        if ready.start_s[index] <= latest_s:
            _add(found, ready.start_s[index] + shift_s, ready.value[index], ready.slope[index])
    if latest_s < NEVER:
        _add(found, latest_s + shift_s, value_at(ready, latest_s), 0)
    return _from(_built(found), earliest_s)


@allocating_inner_kernel
def _from(pieces: Pieces, earliest_s: int) -> Pieces:
    """Cut off what lies before a moment."""
    if pieces.start_s[0] >= earliest_s:
        return pieces
    first = np.searchsorted(pieces.start_s, earliest_s, side="right") - 1
    starts, values = pieces.start_s[first:].copy(), pieces.value[first:].copy()
    values[0] = value_at(pieces, earliest_s)
    starts[0] = earliest_s
    return Pieces(starts, values, pieces.slope[first:].copy())


@allocating_inner_kernel
def lower_of(one: Pieces, other: Pieces) -> Pieces:
    """Return the smaller of two functions everywhere."""
    if len(one.start_s) == 0:
        return other
    if len(other.start_s) == 0:
        return one
    moments = np.unique(np.concatenate((one.start_s, other.start_s)))
    found = _builder(2 * len(moments))
    for index in range(len(moments)):
        moment_s = moments[index]
        after_s = moments[index + 1] if index + 1 < len(moments) else NEVER
        is_one, is_other = one.start_s[0] <= moment_s, other.start_s[0] <= moment_s
        low = _piece_at(one, moment_s) if is_one else _piece_at(other, moment_s)
        high = _piece_at(other, moment_s) if is_other else low
        if high[0] < low[0] or (high[0] == low[0] and high[1] < low[1]):
            low, high = high, low
        _add(found, moment_s, low[0], low[1])
        if high[1] < low[1]:
            # The first whole second at which the other one is below.
            crossing_s = moment_s + (high[0] - low[0]) // (low[1] - high[1]) + 1
            if crossing_s < after_s:
                _add(found, crossing_s, high[0] + high[1] * (crossing_s - moment_s), high[1])
    return _built(found)


@allocating_inner_kernel
def ready_after_service(arrived: Pieces, visit: int, visits: VisitTimes) -> Pieces:
    """Let a visit be served.

    Parameters
    ----------
    arrived
        Least cost of being ready for it by a moment, never rising.
    visit, visits
        The visit, and when all may be served.

    Returns
    -------
    Pieces
        Least cost of having served it by a moment: that of the cheapest start until then.
    """
    moments = _moments(arrived, visit, visits)
    found = _builder(3 * len(moments))
    lowest, service_s = NEVER, visits.service_s[visit]
    for index in range(len(moments)):
        moment_s = moments[index]
        if not _may_start(arrived, visit, visits, moment_s):
            continue
        value, slope = _start_at(arrived, visit, visits, moment_s)
        if value < lowest:
            lowest = value
            _add(found, moment_s + service_s, value, min(slope, 0))
        if slope >= 0:
            continue
        after_s = moments[index + 1] if index + 1 < len(moments) else NEVER
        # The first whole second at which this piece is below all before it.
        lower_s = moment_s + max(0, (value - lowest) // -slope + 1 if value > lowest else 0)
        if lower_s >= after_s:
            continue
        _add(found, lower_s + service_s, value + slope * (lower_s - moment_s), slope)
        if after_s < NEVER:
            lowest = value + slope * (after_s - 1 - moment_s)
            _add(found, after_s - 1 + service_s, lowest, 0)
    return _built(found)


@allocating_inner_kernel
def cheapest_start(arrived: Pieces, visit: int, visits: VisitTimes, latest_s: int) -> int:
    """Find the cheapest moment, until a latest one, to start a service; the last among equals."""
    best_s, best = NEVER, NEVER
    moments = _moments(arrived, visit, visits)
    for index in range(len(moments) + 1):
        for step in range(2):
            moment_s = (moments[index] - step) if index < len(moments) else latest_s - step
            if moment_s <= latest_s and _may_start(arrived, visit, visits, moment_s):
                value = _start_at(arrived, visit, visits, moment_s)[0]
                if value < best or (value == best and moment_s > best_s):
                    best_s, best = moment_s, value
    return best_s


class _Builder(NamedTuple):
    """Pieces that are put together one after the other; `filled` how many there are."""

    pieces: Pieces
    filled: NDArray[np.int64]


@njit(nogil=True, cache=True)
def _builder(room: int) -> _Builder:
    pieces = Pieces(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64))
    return _Builder(pieces, np.zeros(1, np.int64))


@njit(nogil=True, cache=True)
def _add(builder: _Builder, start_s: int, value: int, slope: int) -> None:
    """Add a piece behind those there are; one that goes on where the last one goes needs no new piece."""
    pieces, last = builder.pieces, int(builder.filled[0]) - 1
    if last >= 0:
        reached = pieces.value[last] + pieces.slope[last] * (start_s - pieces.start_s[last])
        if reached == value and pieces.slope[last] == slope:
            return
        if pieces.start_s[last] == start_s:
            last -= 1
    pieces.start_s[last + 1] = start_s
    pieces.value[last + 1] = value
    pieces.slope[last + 1] = slope
    builder.filled[0] = last + 2


@allocating_inner_kernel
def _built(builder: _Builder) -> Pieces:
    count = builder.filled[0]
    pieces = builder.pieces
    return Pieces(pieces.start_s[:count].copy(), pieces.value[:count].copy(), pieces.slope[:count].copy())


@allocating_inner_kernel
def _moments(arrived: Pieces, visit: int, visits: VisitTimes) -> NDArray[np.int64]:
    """List the moments from which on being there and starting then is linear until the next of them."""
    windows = visits.first_window[visit], visits.first_window[visit + 1]
    soft = visits.first_soft[visit], visits.first_soft[visit + 1]
    moments = [int64(moment_s) for moment_s in arrived.start_s]
    for window in range(windows[0], windows[1]):
        moments.append(visits.window_start_s[window])
        # An open window has no end, and no room behind it.
        if visits.window_end_s[window] < NEVER:
            moments.append(visits.window_end_s[window] + 1)
    early, late = visits.early_price[visit], visits.late_price[visit]
    for window in range(soft[0], soft[1]):
        moments.append(visits.soft_start_s[window])
        moments.append(visits.soft_end_s[window])
        if window + 1 < soft[1] and early + late > 0:
            # From here on it is cheaper to be early for the next window than late for this one.
            end_s, start_s = visits.soft_end_s[window], visits.soft_start_s[window + 1]
            moments.append(end_s + early * (start_s - end_s) // (early + late) + 1)
    return np.unique(np.array(moments, np.int64))


@allocating_inner_kernel
def _may_start(arrived: Pieces, visit: int, visits: VisitTimes, moment_s: int) -> bool:
    if len(arrived.start_s) == 0 or moment_s < arrived.start_s[0]:
        return False
    for window in range(visits.first_window[visit], visits.first_window[visit + 1]):
        if visits.window_start_s[window] <= moment_s <= visits.window_end_s[window]:
            return True
    return False


@allocating_inner_kernel
def _start_at(arrived: Pieces, visit: int, visits: VisitTimes, moment_s: int) -> tuple[int, int]:
    """Return the least cost of starting at a moment, and by how much it changes per second from then on."""
    value, slope = _piece_at(arrived, moment_s)
    here = price_of_start(visit, moment_s, visits)
    return value + here, slope + price_of_start(visit, moment_s + 1, visits) - here


@allocating_inner_kernel
def price_of_start(visit: int, start_s: int, visits: VisitTimes) -> int:
    """Price the start of a service by the soft window that is cheapest for it, in cost units times 3600."""
    first, last = visits.first_soft[visit], visits.first_soft[visit + 1]
    price = 0 if first == last else NEVER
    for window in range(first, last):
        early_s = max(0, visits.soft_start_s[window] - start_s)
        late_s = max(0, start_s - visits.soft_end_s[window])
        price = min(price, visits.early_price[visit] * early_s + visits.late_price[visit] * late_s)
    return price


@allocating_inner_kernel
def _piece_at(pieces: Pieces, moment_s: int) -> tuple[int, int]:
    """Return the value and the slope at a moment."""
    index = np.searchsorted(pieces.start_s, moment_s, side="right") - 1
    slope = pieces.slope[index]
    return pieces.value[index] + slope * (moment_s - pieces.start_s[index]), slope
