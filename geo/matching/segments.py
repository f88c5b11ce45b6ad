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
from geo.matching.segment_kernels import Observed, confidence_between, road_between
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track

_NO_EDGES = np.zeros(0, np.int32)
_NO_FRACTIONS = np.zeros(0)
_NO_TIMES = np.zeros(0, np.int64)


class Segmentation:
    """The cutting of one track's path into segments.

    Parameters
    ----------
    roads, track
        The roads, with the ``(m,)`` `EDGE` made from them, and the raw track.
    kept
        ``(k,)`` int64 raw indices of the believed points.
    layers, path
        The observations that matching ran on, and the path that it found.
    link_confidence
        ``(t,)`` float64 probability that a metre of the road to each observation was driven.
    """

    def __init__(
        self,
        roads: tuple[RoadNetwork, Records],
        track: Track,
        kept: NDArray[np.int64],
        layers: Records,
        path: Path,
        *,
        link_confidence: NDArray[np.float64],
    ) -> None:
        self._network, self._edges = roads
        self._time_ms = track.time_ms
        self._first = kept[layers["first"]]
        self._last = kept[layers["last"]]
        self._layers = layers
        self._path = path
        self._observed = Observed(
            track.time_ms[self._first], track.time_ms[self._last], layers["step_m"].copy(), link_confidence
        )

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
        road = road_between(self._edges, self._path, self._observed, start, end)
        confidence, doubt_m = confidence_between(self._observed, start, end)
        first_point, last_point = int(self._last[start]), int(self._first[end])
        return MatchSegment(
            kind=SegmentKind.MATCHED,
            start_ms=int(self._time_ms[first_point]),
            end_ms=int(self._time_ms[last_point]),
            first_point=first_point,
            last_point=last_point,
            edges=road.edge,
            edge_from_fraction=road.from_fraction,
            edge_to_fraction=road.to_fraction,
            edge_entry_ms=road.entry_ms,
            length_m=road.length_m,
            confidence=confidence,
            forbidden_edges=np.flatnonzero(self._edges["is_forbidden"][road.edge]).astype(np.int32),
            doubt_m=doubt_m,
            link_count=end - start,
            white_m=float(np.sqrt(np.nansum(self._layers["white_m"][start + 1 : end + 1] ** 2))),
        )

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
