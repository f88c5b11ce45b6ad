"""The segments of a matched track, by grouping what lies between its observations."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from geo.matching.laying_kernels import Solution
from geo.matching.match import SegmentKind
from geo.matching.path_kernels import LINK_NONE, LINK_ROAD

_KINDS = {LINK_ROAD: SegmentKind.MATCHED, LINK_NONE: SegmentKind.GAP}

NaiveSegment = tuple[SegmentKind, int, int]
"""Its kind, and the raw points at which it starts and ends."""


def naive_segments(solution: Solution, kept: NDArray[np.int64]) -> list[NaiveSegment]:
    """Group the ways between observations by their kind, apart from one another where the worker stands still."""
    layers, path = solution.layers, solution.path
    first, last = layers["first"].tolist(), layers["last"].tolist()
    segments: list[NaiveSegment] = []
    moves: list[tuple[int, int]] = []

    def move_on() -> None:
        for link, group in groupby(moves, key=lambda move: path.link[move[1]]):
            ends = list(group)
            kind = _KINDS.get(int(link), SegmentKind.OFF_ROAD)
            segments.append((kind, int(kept[last[ends[0][0]]]), int(kept[first[ends[-1][1]]])))
        moves.clear()

    for number in range(len(layers)):
        if number > 0:
            moves.append((number - 1, number))
        if first[number] < last[number]:
            move_on()
            segments.append((SegmentKind.STAY, int(kept[first[number]]), int(kept[last[number]])))
    move_on()
    return segments
