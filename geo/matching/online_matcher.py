"""Lays points on roads while they come in: with a fixed lag, by the same kernels as a whole track.

Of every worker only a short window is kept: the points that are not settled yet, and those before them that the matcher
needs to know where it came from. Points are taken in by *rounds*: whenever enough time or enough points have come in
since the last round, the window is matched as a whole, and what is older than the lag is settled and never changes
again.

What is the same, and what is nearly the same
---------------------------------------------
Where a round ends depends on the points alone, in the order in which they came; so do the settled points. However a
track is cut into parts on its way, point by point or all at once, the same points settle in the same order on the same
places: the live answer after the lag *is* that of `OnlineMatcher.match`, which takes a whole track, to the last bit.
The tests hold it to that. A track that ends before anything of it was settled is laid exactly as by `MapMatcher`.

`MapMatcher` sees more of a long track than any window holds. It measures the errors of the receiver on all of it; here,
those of points that are forgotten are remembered as two numbers (`ReceiverError`). Where the receiver is known to both
beforehand, the points outside stays settle on the very edges that `MapMatcher` gives them, as the tests show on drawn
and real roads; which of them were used to find the path, and which were laid on it afterwards, may differ, and with it,
in recordings of a fix each second or two, on which side of a junction a single point comes to lie. The centre of a stay
is the middle of all its points, of which here only the last are known; and a walk from the vehicle to a door and back
(`geo.matching.walk_kernels`) is told from driving only where the window holds both; and how much time ways usually take
(`geo.matching.hurried_way_kernels`) is seen from those in the window.
``benchmarks/RESULTS.md`` says for how many points any of this makes a difference.

The state is immutable and small: 100,000 workers fit into memory (see `WorkerState.size_bytes`). One matcher serves all
of them, from many threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, PointState
from geo.matching.receiver import UNKNOWN_RECEIVER, ReceiverError
from geo.tracks.track import DropReason, Track

_NONE_SETTLED_MS = -(2**62)
_COLUMNS = ("latitude_degrees", "longitude_degrees", "accuracy_m", "speed_mps", "bearing_degrees")
_EMPTY = np.empty(0)


@dataclass(frozen=True)
class OnlineOptions:
    """How long to wait, and how much to remember.

    Parameters
    ----------
    lag_s, lag_points
        A point is settled once it is so old, and so many believed points came after it.
    memory_s, memory_points
        So much time, and so many believed points, are remembered before the last settled point.
    round_s, round_points
        A round ends with the first point that was recorded so long before or after the first of the round, or that is
        its so many-th. Longer rounds cost less work per point and settle later.
    """

    lag_s: float = 120.0
    lag_points: int = 8
    memory_s: float = 180.0
    memory_points: int = 12
    round_s: float = 30.0
    round_points: int = 60

    def __post_init__(self) -> None:
        """Refuse a memory of nothing."""
        for name, value in vars(self).items():
            if not value > 0:
                message = f"{name} must be positive (got {value})"
                raise ValueError(message)


@dataclass(frozen=True, eq=False)
class WorkerState:
    """What is remembered of one worker: the points of the window in the order in which they came.

    Parameters
    ----------
    time_ms
        ``(w,)`` int64 Unix milliseconds.
    columns
        Latitude, longitude, accuracy, speed and bearing as in `Track`; a column in which nothing is known is empty.
    settled_ms
        No point up to this time changes any more.
    waiting
        So many points at the end of the window came in since the last round.
    receiver
        Errors of the receiver, by the points that are forgotten.
    """

    time_ms: NDArray[np.int64]
    columns: tuple[NDArray[np.float64], ...]
    settled_ms: int
    waiting: int
    receiver: ReceiverError

    @classmethod
    def fresh(cls, receiver: ReceiverError = UNKNOWN_RECEIVER) -> WorkerState:
        """Return the state of a worker of whom no point is known.

        Parameters
        ----------
        receiver
            What is known already of the receiver, for example from the day before.

        Returns
        -------
        WorkerState
            Without points.
        """
        return cls(np.empty(0, np.int64), (_EMPTY,) * len(_COLUMNS), _NONE_SETTLED_MS, 0, receiver)

    @property
    def size_bytes(self) -> int:
        """Memory that the points take."""
        return int(self.time_ms.nbytes + sum(column.nbytes for column in self.columns))

    def track(self) -> Track:
        """Return the points of the window.

        Returns
        -------
        Track
            In the order in which they came.
        """
        unknown = np.full(len(self.time_ms), np.nan)
        full = {name: column if len(column) else unknown for name, column in zip(_COLUMNS, self.columns, strict=True)}
        return Track(self.time_ms, **full)


@dataclass(frozen=True, eq=False)
class SettledPoints:
    """Points that became settled, in the order in which they came. Columns as in `Match`."""

    time_ms: NDArray[np.int64]
    state: NDArray[np.uint8]
    drop_reason: NDArray[np.uint8]
    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.time_ms)


class OnlineMatcher:
    """Lays points on roads while they come in. May be used from many threads at once, one call per worker at a time.

    Parameters
    ----------
    matcher
        The matcher of whole tracks.
    options
        How long to wait.
    """

    def __init__(self, matcher: MapMatcher, options: OnlineOptions | None = None) -> None:
        self._matcher = matcher
        self._options = options or OnlineOptions()

    def push(self, state: WorkerState, points: Track) -> tuple[WorkerState, SettledPoints]:
        """Take new points of a worker in.

        Parameters
        ----------
        state
            What is remembered of the worker.
        points
            New points, however damaged. Those up to the settled time come too late: they are dropped as out of order.

        Returns
        -------
        tuple[WorkerState, SettledPoints]
            The new state, and the points that became settled.
        """
        parts = [_late(points.time_ms[:0])]
        while len(points):
            on_time = points.time_ms > state.settled_ms
            taken, is_full = self._round_end(state, points.time_ms, on_time)
            on_time, head = on_time[:taken], _chosen(points, slice(taken))
            parts.append(_late(head.time_ms[~on_time]))
            window = _joined(state.track(), _chosen(head, on_time))
            if is_full:
                state, settled = self._end_round(state, window)
                parts.append(settled)
            else:
                waiting = state.waiting + len(window) - len(state.time_ms)
                state = _state(window, state.settled_ms, waiting, state.receiver)
            points = _chosen(points, slice(taken, None))
        return state, _all(parts)

    def match(self, track: Track, receiver: ReceiverError = UNKNOWN_RECEIVER) -> SettledPoints:
        """Lay a whole track on roads as it would have been laid while it came in.

        Parameters
        ----------
        track
            The points in the order in which they came.
        receiver
            What is known already of the receiver.

        Returns
        -------
        SettledPoints
            All of them, as `push` and `finish` settle them.
        """
        state, settled = self.push(WorkerState.fresh(receiver), track)
        return _all([settled, self.finish(state)])

    def finish(self, state: WorkerState) -> SettledPoints:
        """Settle all points that are left, at the end of a track.

        Parameters
        ----------
        state
            What is remembered of the worker.

        Returns
        -------
        SettledPoints
            The rest.
        """
        window = state.track()
        match = self._matcher.match(window, state.receiver)
        return _settled(window, match, window.time_ms > state.settled_ms)

    def _round_end(
        self, state: WorkerState, time_ms: NDArray[np.int64], on_time: NDArray[np.bool_]
    ) -> tuple[int, bool]:
        """Say how many of new points the round takes in, and whether it ends with them."""
        new_ms = time_ms[on_time]
        waiting_ms = state.time_ms[len(state.time_ms) - state.waiting :]
        if not len(new_ms):
            return len(time_ms), False
        first_ms = waiting_ms[0] if state.waiting else new_ms[0]
        ends = np.abs(new_ms - first_ms) >= 1000.0 * self._options.round_s
        ends[max(0, self._options.round_points - state.waiting - 1) :] = True
        if not ends.any():
            return len(time_ms), False
        return int(np.flatnonzero(on_time)[np.argmax(ends)]) + 1, True

    def _end_round(self, state: WorkerState, window: Track) -> tuple[WorkerState, SettledPoints]:
        """Match the window, settle what is older than the lag, and forget what is older than the memory."""
        match = self._matcher.match(window, state.receiver)
        settled_ms = max(state.settled_ms, self._settled_ms(window, match))
        is_settled = (window.time_ms > state.settled_ms) & (window.time_ms <= settled_ms)
        is_kept = window.time_ms >= self._first_remembered_ms(window, match, settled_ms)
        believed = match.point_state != PointState.DROPPED
        forgotten = float(np.mean(~is_kept[believed])) if believed.any() else 0.0
        receiver = state.receiver.after(match.receiver, forgotten)
        return _state(_chosen(window, is_kept), settled_ms, 0, receiver), _settled(window, match, is_settled)

    def _settled_ms(self, window: Track, match: Match) -> int:
        believed_ms = window.time_ms[match.point_state != PointState.DROPPED]
        if len(believed_ms) <= self._options.lag_points:
            return _NONE_SETTLED_MS
        by_time_ms = int(believed_ms[-1] - 1000.0 * self._options.lag_s)
        return min(by_time_ms, int(believed_ms[-1 - self._options.lag_points]))

    def _first_remembered_ms(self, window: Track, match: Match, settled_ms: int) -> int:
        believed_ms = window.time_ms[match.point_state != PointState.DROPPED]
        settled_count = int(np.searchsorted(believed_ms, settled_ms, side="right"))
        if settled_count <= self._options.memory_points:
            return _NONE_SETTLED_MS
        by_time_ms = int(settled_ms - 1000.0 * self._options.memory_s)
        return min(by_time_ms, int(believed_ms[settled_count - self._options.memory_points]))


def _chosen(track: Track, choice: NDArray[np.bool_] | slice) -> Track:
    return Track(**{name: column[choice] for name, column in vars(track).items()})


def _joined(first: Track, second: Track) -> Track:
    return Track(**{name: np.concatenate([column, getattr(second, name)]) for name, column in vars(first).items()})


def _state(window: Track, settled_ms: int, waiting: int, receiver: ReceiverError) -> WorkerState:
    columns = (getattr(window, name) for name in _COLUMNS)
    known = (_EMPTY if np.isnan(column).all() else column.copy() for column in columns)
    return WorkerState(window.time_ms.copy(), tuple(known), settled_ms, waiting, receiver)


def _settled(window: Track, match: Match, choice: NDArray[np.bool_]) -> SettledPoints:
    return SettledPoints(
        window.time_ms[choice],
        match.point_state[choice],
        match.point_drop_reason[choice],
        match.point_edge[choice],
        match.point_fraction[choice],
        match.point_distance_m[choice],
    )


def _late(time_ms: NDArray[np.int64]) -> SettledPoints:
    """Points that came too late, dropped."""
    count = len(time_ms)
    return SettledPoints(
        time_ms,
        np.full(count, PointState.DROPPED, np.uint8),
        np.full(count, DropReason.OUT_OF_ORDER, np.uint8),
        np.full(count, -1, np.int32),
        np.full(count, np.nan),
        np.full(count, np.nan),
    )


def _all(parts: Sequence[SettledPoints]) -> SettledPoints:
    return SettledPoints(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in SettledPoints.__annotations__}
    )
