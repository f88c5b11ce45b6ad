"""Segments of a path, cut by plain lists: the twin of `geo.matching.laying_kernels`."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from geo.geodesy import chord_lengths_m
from geo.matching.laying_kernels import Solution
from geo.matching.match import SegmentKind
from geo.matching.matched_geometry import edge_part_line
from geo.matching.path_kernels import LINK_NONE, LINK_ROAD
from geo.matching.records import Records
from geo.matching.segment_kernels import Observed
from geo.roads.network import RoadNetwork
from tests.naive_matching import naive_road_between


class NaiveSegment(NamedTuple):
    """What a segment is, the believed points at which it starts and ends, its edges, metres and doubt."""

    kind: SegmentKind
    first: int
    last: int
    edges: list[int]
    length_m: float
    doubt_m: float


def naive_segments(
    network: RoadNetwork, edges: Records, solution: Solution, time_ms: np.ndarray, sure: np.ndarray
) -> list[NaiveSegment]:
    """Cut a path at stays and where the way between observations changes its kind."""
    layers, path = solution.layers, solution.path
    first, last = layers["first"].tolist(), layers["last"].tolist()
    observed = Observed(time_ms[first], time_ms[last], layers["step_m"].copy(), sure)
    count = len(layers)
    cuts = [0, *(n for n in range(1, count - 1) if first[n] < last[n] or path.link[n] != path.link[n + 1])]
    cuts += [count - 1] if count > 1 else []

    def stay(number: int) -> list[NaiveSegment]:
        whole = NaiveSegment(SegmentKind.STAY, first[number], last[number], [], 0.0, 0.0)
        return [whole] if first[number] < last[number] else []

    segments = stay(0)
    for start, end in pairwise(cuts):
        driven: list[int] = []
        kind, length_m, doubt_m = SegmentKind.GAP, math.nan, 0.0
        if path.link[end] == LINK_ROAD:
            driven, *_, length_m = naive_road_between(edges, path, observed, start, end)
            links = slice(start + 1, end + 1)
            doubt_m = math.sqrt(float(((1.0 - sure[links]) * observed.step_m[links] ** 2).sum()))
            kind = SegmentKind.MATCHED
        elif path.link[end] != LINK_NONE:
            kind, length_m = SegmentKind.OFF_ROAD, _straight_m(network, solution, start, end)
        segments += [NaiveSegment(kind, last[start], first[end], driven, length_m, doubt_m), *stay(end)]
    step_m = sum(
        observed.step_m[start + 1 : end + 1].sum() for start, end in pairwise(cuts) if path.link[end] == LINK_ROAD
    )
    road_m = sum(segment.length_m for segment in segments if segment.kind is SegmentKind.MATCHED)
    winding = min(1.12, max(1.0, (road_m + 1000.0) / (step_m + 1000.0)))
    return [
        segment._replace(length_m=winding * segment.length_m) if segment.kind is SegmentKind.OFF_ROAD else segment
        for segment in segments
    ]


def _straight_m(network: RoadNetwork, solution: Solution, start: int, end: int) -> float:
    """Metres of the chords from where the road is left over the observations in between."""
    layers, path = solution.layers, solution.path

    def place(number: int, part: int, along_m: float) -> tuple[float, float]:
        if part < 0:
            return float(layers["latitude"][number]), float(layers["longitude"][number])
        edge = int(path.edge[part])
        fraction = float(along_m) * 100.0 / int(network.edge_length_cm[edge])
        latitude, longitude = edge_part_line(network, edge, fraction, fraction)[0]
        return float(latitude), float(longitude)

    leaving = int(path.leave[start])
    turned = leaving != path.arrive[start]
    places = [place(start, leaving, path.from_m[leaving] if turned else path.along_m[start])]
    places += [place(number, int(path.arrive[number]), path.along_m[number]) for number in range(start + 1, end + 1)]
    latitude, longitude = np.array(places).T
    return float(chord_lengths_m(latitude, longitude).sum())
