"""Cuts the best path into segments that together cover the whole track: matched, stay, gap, off the road."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import chord_lengths_m
from geo.matching.match import MatchSegment, SegmentKind
from geo.matching.matched_geometry import edge_part_line
from geo.matching.path_kernels import LINK_NONE, LINK_ROAD, Path
from geo.matching.records import Records
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.tracks.track import Track

_NO_EDGES = np.zeros(0, np.int32)
_NO_FRACTIONS = np.zeros(0)
_NO_TIMES = np.zeros(0, np.int64)


class Segmentation:
    """The cutting of one track's path into segments.

    Parameters
    ----------
    network, track
        The roads and the raw track.
    kept
        ``(k,)`` int64 raw indices of the believed points.
    layers, path
        The observations that matching ran on, and the path that it found.
    link_confidence
        ``(t,)`` float64 probability that a metre of the road to each observation was driven.
    """

    def __init__(
        self,
        network: RoadNetwork,
        track: Track,
        kept: NDArray[np.int64],
        layers: Records,
        path: Path,
        *,
        link_confidence: NDArray[np.float64],
    ) -> None:
        self._network = network
        self._time_ms = track.time_ms
        self._first = kept[layers["first"]]
        self._last = kept[layers["last"]]
        self._layers = layers
        self._path = path
        self._link_confidence = link_confidence

    def segments(self) -> tuple[MatchSegment, ...]:
        """Cut the path.

        Returns
        -------
        tuple[MatchSegment, ...]
            In order of time; neighbours share a point.
        """
        is_stay = self._first < self._last
        link = self._path.link
        count = len(link)
        inner = np.arange(1, count - 1)
        inner = inner[is_stay[inner] | (link[inner] != link[inner + 1])]
        cuts = [0, *inner.tolist(), count - 1] if count > 1 else [0]
        segments = [self._stay(0)] if is_stay[0] else []
        for start, end in pairwise(cuts):
            segments.append(self._moving(start, end))
            if is_stay[end]:
                segments.append(self._stay(end))
        return tuple(segments)

    def _moving(self, start: int, end: int) -> MatchSegment:
        """Segment from one observation to another, joined by links of one kind."""
        link = self._path.link[end]
        if link == LINK_ROAD:
            return self._matched(start, end)
        if link == LINK_NONE:
            return self._pathless(SegmentKind.GAP, int(self._last[start]), int(self._first[end]), np.nan)
        places = np.array([self._place(start, is_leaving=True), *map(self._place, range(start + 1, end + 1))])
        length_m = float(chord_lengths_m(places[:, 0], places[:, 1]).sum())
        return self._pathless(SegmentKind.OFF_ROAD, int(self._last[start]), int(self._first[end]), length_m)

    def _stay(self, layer: int) -> MatchSegment:
        return self._pathless(SegmentKind.STAY, int(self._first[layer]), int(self._last[layer]), 0.0)

    def _pathless(self, kind: SegmentKind, first_point: int, last_point: int, length_m: float) -> MatchSegment:
        return MatchSegment(
            kind=kind,
            start_ms=int(self._time_ms[first_point]),
            end_ms=int(self._time_ms[last_point]),
            first_point=first_point,
            last_point=last_point,
            edges=_NO_EDGES,
            edge_from_fraction=_NO_FRACTIONS,
            edge_to_fraction=_NO_FRACTIONS,
            edge_entry_ms=_NO_TIMES,
            length_m=length_m,
            confidence=np.nan,
            forbidden_edges=_NO_EDGES,
        )

    def _matched(self, start: int, end: int) -> MatchSegment:
        path = self._path
        first, last = int(path.leave[start]), int(path.arrive[end])
        edges = path.edge[first : last + 1]
        length_m = self._network.edge_length_cm[edges] / 100.0
        from_m, to_m = path.from_m[first : last + 1].copy(), path.to_m[first : last + 1].copy()
        if path.leave[start] == path.arrive[start]:
            from_m[0] = path.along_m[start]
        to_m[-1] = path.along_m[end]
        travelled_m = np.maximum(to_m - from_m, 0.0)
        entered_m = np.append(0.0, np.cumsum(travelled_m))
        entry_ms = self._entry_times(start, end, entered_m, from_m)
        has_length = travelled_m > 0.0
        has_length[0] |= not has_length.any()
        edges = edges[has_length]
        first_point, last_point = int(self._last[start]), int(self._first[end])
        return MatchSegment(
            kind=SegmentKind.MATCHED,
            start_ms=int(self._time_ms[first_point]),
            end_ms=int(self._time_ms[last_point]),
            first_point=first_point,
            last_point=last_point,
            edges=edges,
            edge_from_fraction=np.clip(from_m / length_m, 0.0, 1.0)[has_length],
            edge_to_fraction=np.clip(np.maximum(to_m, from_m) / length_m, 0.0, 1.0)[has_length],
            edge_entry_ms=entry_ms[has_length],
            length_m=float(entered_m[-1]),
            confidence=self._confidence(start, end),
            forbidden_edges=np.flatnonzero(self._network.edge_flags[edges] & EdgeFlag.FORBIDDEN).astype(np.int32),
            doubt_m=self._doubt_m(start, end),
        )

    def _confidence(self, start: int, end: int) -> float:
        """Mean over the metres between observations."""
        links = slice(start + 1, end + 1)
        metres = np.maximum(self._layers["step_m"][links], 1e-3)  # some weight for observations at one place
        return float(np.average(self._link_confidence[links], weights=metres))

    def _doubt_m(self, start: int, end: int) -> float:
        """Metres by which wrong ways may have changed the length."""
        links = slice(start + 1, end + 1)
        return float(np.sqrt(np.sum((1.0 - self._link_confidence[links]) * self._layers["step_m"][links] ** 2)))

    def _entry_times(
        self, start: int, end: int, entered_m: NDArray[np.float64], from_m: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Interpolate between the observations, by distance, when a path enters its parts."""
        path = self._path
        layers = np.arange(start, end + 1)
        parts = path.arrive[start : end + 1] - path.leave[start]
        passed_m = entered_m[parts] + path.along_m[layers] - from_m[parts]
        passed_m[0] = 0.0
        time_ms = self._time_ms[self._first[layers]].astype(np.float64)
        time_ms[0] = self._time_ms[self._last[start]]
        times_ms = np.interp(entered_m[:-1], np.maximum.accumulate(passed_m), time_ms)
        return np.asarray(np.rint(times_ms).astype(np.int64))

    def _place(self, layer: int, *, is_leaving: bool = False) -> tuple[float, float]:
        """Latitude and longitude of an observation: on its road, or where it was observed."""
        path, layers = self._path, self._layers
        part, along_m = path.arrive[layer], path.along_m[layer]
        if part < 0:
            return float(layers[layer]["latitude"]), float(layers[layer]["longitude"])
        if is_leaving and path.leave[layer] != part:
            part, along_m = path.leave[layer], path.from_m[path.leave[layer]]
        edge = int(path.edge[part])
        fraction = float(along_m) * 100.0 / int(self._network.edge_length_cm[edge])
        latitude, longitude = edge_part_line(self._network, edge, fraction, fraction)[0]
        return float(latitude), float(longitude)
