"""Lays points on roads while they come in: with a fixed lag, by the same kernels as a whole track.

Of every worker only a short window is kept: the points that are not settled yet, and those before them that the matcher
needs to know where it came from. Whenever points come in, the window is matched as a whole; what is older than the lag
is settled and never changes again.

A point that is settled lies where the whole track would have put it, as long as nothing later than the lag and nothing
earlier than the window decides about it. Two things do in principle: the noise of a track is measured on all of it,
where only the window is known here; and a stay's centre is the middle of all its points. ``benchmarks/RESULTS.md`` says
how often that changes an answer.

The state is immutable and small: 100,000 workers fit into memory (see `WorkerState.size_bytes`). One matcher serves all
of them, from many threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, PointState
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
    """

    lag_s: float = 120.0
    lag_points: int = 8
    memory_s: float = 180.0
    memory_points: int = 12

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
    """

    time_ms: NDArray[np.int64]
    columns: tuple[NDArray[np.float64], ...]
    settled_ms: int

    @classmethod
    def fresh(cls) -> WorkerState:
        """Return the state of a worker of whom nothing is known.

        Returns
        -------
        WorkerState
            Without points.
        """
        return cls(np.empty(0, np.int64), (_EMPTY,) * len(_COLUMNS), _NONE_SETTLED_MS)

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
        late = points.time_ms <= state.settled_ms
        window = _joined(state.track(), _chosen(points, ~late))
        match = self._matcher.match(window)
        settled_ms = max(state.settled_ms, self._settled_ms(window, match))
        is_settled = (window.time_ms > state.settled_ms) & (window.time_ms <= settled_ms)
        settled = _with_late(_settled(window, match, is_settled), points.time_ms[late])
        first_ms = self._first_remembered_ms(window, match, settled_ms)
        return _state(_chosen(window, window.time_ms >= first_ms), settled_ms), settled

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
        return _settled(window, self._matcher.match(window), window.time_ms > state.settled_ms)

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


def _chosen(track: Track, choice: NDArray[np.bool_]) -> Track:
    return Track(**{name: column[choice] for name, column in vars(track).items()})


def _joined(first: Track, second: Track) -> Track:
    return Track(**{name: np.concatenate([column, getattr(second, name)]) for name, column in vars(first).items()})


def _state(window: Track, settled_ms: int) -> WorkerState:
    columns = (getattr(window, name) for name in _COLUMNS)
    known = (_EMPTY if np.isnan(column).all() else column.copy() for column in columns)
    return WorkerState(window.time_ms.copy(), tuple(known), settled_ms)


def _settled(window: Track, match: Match, choice: NDArray[np.bool_]) -> SettledPoints:
    return SettledPoints(
        window.time_ms[choice],
        match.point_state[choice],
        match.point_drop_reason[choice],
        match.point_edge[choice],
        match.point_fraction[choice],
        match.point_distance_m[choice],
    )


def _with_late(settled: SettledPoints, late_ms: NDArray[np.int64]) -> SettledPoints:
    """Add the points that came too late, dropped."""
    count = len(late_ms)
    late = SettledPoints(
        late_ms,
        np.full(count, PointState.DROPPED, np.uint8),
        np.full(count, DropReason.OUT_OF_ORDER, np.uint8),
        np.full(count, -1, np.int32),
        np.full(count, np.nan),
        np.full(count, np.nan),
    )
    return SettledPoints(
        **{name: np.concatenate([column, getattr(late, name)]) for name, column in vars(settled).items()}
    )
