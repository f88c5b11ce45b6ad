"""Days made by hand: a track and its true match, act by act, on a drawn map.

The match is what a perfect matcher would answer, so that tests of the audit stand on their own::

    day = HandMadeDay(road_map, start="A").drive("ABC").stay(minutes=10).gap("CD", minutes=5).off_road("5D").finish()
    day.track, day.match
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.geodesy import chord_lengths_m, places_at
from geo.matching.match import Match, MatchSegment, PointState, SegmentKind
from geo.tracks.track import Track
from tests.ascii_road_map import AsciiRoadMap

MORNING_MS = 1_750_000_000_000
NO_EDGES = np.empty(0, np.int32)


@dataclass(frozen=True, eq=False)
class FinishedDay:
    """A track and its match."""

    track: Track
    match: Match


@dataclass(frozen=True, eq=False)
class _Point:
    time_ms: int
    latitude: float
    longitude: float
    state: PointState
    edge: int = -1
    fraction: float = np.nan


class HandMadeDay:
    """Builds a day act by act; every act begins where and when the last one ended."""

    def __init__(
        self,
        road_map: AsciiRoadMap,
        start: str,
        *,
        every_s: float = 5.0,
        speed_mps: float = 10.0,
        noise_m: float = 0.0,
        start_ms: int = MORNING_MS,
    ) -> None:
        self._map, self._every_s, self._speed_mps, self._noise_m = road_map, every_s, speed_mps, noise_m
        self._now_ms = start_ms
        self._here = road_map.place(start)
        self._points: list[_Point] = [_Point(start_ms, *self._here, PointState.STAY)]
        self._segments: list[MatchSegment] = []
        self._random = np.random.default_rng(7)

    def drive(self, letters: str) -> HandMadeDay:
        """Drive along the edges through some nodes."""
        edges = np.array(self._map.edges(letters), np.int32)
        length_m = self._map.network.edge_length_cm[edges] / 100.0
        entry_m = np.concatenate([[0.0], np.cumsum(length_m)])
        first, start_ms = len(self._points) - 1, self._now_ms
        line = self._line(edges)
        along_m = np.concatenate([[0.0], np.cumsum(chord_lengths_m(*line))])
        duration_s = entry_m[-1] / self._speed_mps
        for at_s in self._ticks(duration_s):
            at_m = min(at_s * self._speed_mps, entry_m[-1])
            edge = min(int(np.searchsorted(entry_m, at_m, side="right")) - 1, len(edges) - 1)
            fraction = float((at_m - entry_m[edge]) / length_m[edge])
            place = (np.interp(at_m, along_m, line[0]), np.interp(at_m, along_m, line[1]))
            self._record(at_s, place, PointState.MATCHED, edge=int(edges[edge]), fraction=fraction)
        self._advance(duration_s, self._map.place(letters[-1]))
        entry_ms = (start_ms + 1000.0 * entry_m[:-1] / self._speed_mps).astype(np.int64)
        self._close(SegmentKind.MATCHED, start_ms, first, entry_m[-1], edges=edges, entry_ms=entry_ms)
        return self

    def stay(self, *, minutes: float, at: str | None = None) -> HandMadeDay:
        """Stand still, here or at some place that was reached in no time."""
        self._here = self._map.place(at) if at else self._here
        first, start_ms = len(self._points) - 1, self._now_ms
        for at_s in self._ticks(minutes * 60.0):
            self._record(at_s, self._here, PointState.STAY)
        self._advance(minutes * 60.0, self._here)
        self._close(SegmentKind.STAY, start_ms, first, 0.0)
        return self

    def gap(self, to: str, *, minutes: float) -> HandMadeDay:
        """Go somewhere unseen."""
        first, start_ms = len(self._points) - 1, self._now_ms
        self._advance(minutes * 60.0, self._map.place(to))
        self._record(0.0, self._here, PointState.MATCHED)
        self._close(SegmentKind.GAP, start_ms, first, np.nan)
        return self

    def off_road(self, symbols: str) -> HandMadeDay:
        """Go straight from symbol to symbol where there is no road."""
        first, start_ms = len(self._points) - 1, self._now_ms
        corners = np.array([self._here, *(self._map.place(symbol) for symbol in symbols)]).T
        along_m = np.concatenate([[0.0], np.cumsum(chord_lengths_m(*corners))])
        duration_s = along_m[-1] / self._speed_mps
        for at_s in self._ticks(duration_s):
            at_m = at_s * self._speed_mps
            place = (np.interp(at_m, along_m, corners[0]), np.interp(at_m, along_m, corners[1]))
            self._record(at_s, place, PointState.OFF_ROAD)
        self._advance(duration_s, self._map.place(symbols[-1]))
        self._close(SegmentKind.OFF_ROAD, start_ms, first, along_m[-1])
        return self

    def finish(self) -> FinishedDay:
        """Hand the day over."""
        count = len(self._points)
        north_m, east_m = self._random.normal(0.0, self._noise_m, (2, count))
        latitude, longitude = np.array([(point.latitude, point.longitude) for point in self._points]).T
        moved = places_at(float(latitude[0]), float(longitude[0]), east_m=east_m, north_m=north_m)
        unknown = np.full(count, np.nan)
        track = Track(
            np.array([point.time_ms for point in self._points], np.int64),
            latitude + moved[0] - latitude[0],
            longitude + moved[1] - longitude[0],
            accuracy_m=unknown,
            speed_mps=unknown,
            bearing_degrees=unknown,
        )
        match = Match(
            point_state=np.array([point.state for point in self._points], np.uint8),
            point_drop_reason=np.zeros(count, np.uint8),
            point_edge=np.array([point.edge for point in self._points], np.int32),
            point_fraction=np.array([point.fraction for point in self._points]),
            point_distance_m=np.hypot(north_m, east_m),
            segments=tuple(self._segments),
        )
        return FinishedDay(track, match)

    def _line(self, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points = [self._map.network.edge_points(int(edge)) for edge in edges]
        line = np.concatenate([points[0], *(following[1:] for following in points[1:])])
        return line[:, 0], line[:, 1]

    def _ticks(self, duration_s: float) -> np.ndarray:
        """Seconds after the start of an act at which there are points; the last one is its end."""
        return np.append(np.arange(self._every_s, duration_s - 0.5, self._every_s), duration_s)

    def _record(
        self, at_s: float, place: tuple[float, float], state: PointState, *, edge: int = -1, fraction: float = np.nan
    ) -> None:
        self._points.append(_Point(self._now_ms + round(at_s * 1000), *map(float, place), state, edge, fraction))

    def _advance(self, duration_s: float, place: tuple[float, float]) -> None:
        self._now_ms += round(duration_s * 1000)
        self._here = place

    def _close(  # one row of the answer, as it is
        self,
        kind: SegmentKind,
        start_ms: int,
        first: int,
        length_m: float,
        *,
        edges: np.ndarray = NO_EDGES,
        entry_ms: np.ndarray | None = None,
    ) -> None:
        self._segments.append(
            MatchSegment(
                kind=kind,
                start_ms=start_ms,
                end_ms=self._now_ms,
                first_point=first,
                last_point=len(self._points) - 1,
                edges=edges,
                edge_from_fraction=np.zeros(len(edges)),
                edge_to_fraction=np.ones(len(edges)),
                edge_entry_ms=np.empty(0, np.int64) if entry_ms is None else entry_ms,
                length_m=float(length_m),
                confidence=1.0 if len(edges) else np.nan,
                forbidden_edges=NO_EDGES,
            )
        )
