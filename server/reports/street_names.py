"""Where on the map a street's name stands: along the longest line that its pieces make together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from server.reports.local_plane import FloatArray, path_text

MOST_NAMES = 160
_LEAST_NAMED_M = 60.0
_LEAST_STRAIGHTNESS = 0.7
_SMOOTH_M = 30.0

_End = tuple[float, float]


@dataclass(frozen=True)
class StreetName:
    """A street's name and the line that it follows.

    Parameters
    ----------
    text
        The name.
    line
        SVG path, running so that the text stands upright.
    length_m
        How much room the text has.
    """

    text: str
    line: str
    length_m: float


def street_names(pieces: Iterable[tuple[str, FloatArray]]) -> tuple[StreetName, ...]:
    """Join the pieces of each street and name the streets that are long enough.

    Parameters
    ----------
    pieces
        Name and ``(p, 2)`` points of every piece in sight; pieces of one street share their end points.

    Returns
    -------
    tuple[StreetName, ...]
        The longest first.
    """
    lines_by_name: dict[str, list[FloatArray]] = defaultdict(list)
    for name, line in pieces:
        if name:
            lines_by_name[name].append(line)
    named = [_street_name(name, lines) for name, lines in lines_by_name.items()]
    long_enough = [street for street in named if street.length_m >= _LEAST_NAMED_M]
    return tuple(sorted(long_enough, key=lambda street: -street.length_m)[:MOST_NAMES])


def _street_name(name: str, lines: list[FloatArray]) -> StreetName:
    """Start with the longest piece and go on at both ends as straight as possible."""
    starting_at: dict[_End, list[FloatArray]] = defaultdict(list)
    for line in lines:
        starting_at[_end(line[0])].append(line)
        starting_at[_end(line[-1])].append(line[::-1])
    line = max(lines, key=length_m)
    line = _prolonged(line, starting_at)
    line = _prolonged(line[::-1], starting_at)
    line = _straightest_part(_smooth(line))
    upright = line if line[-1, 0] >= line[0, 0] else line[::-1]
    return StreetName(name, path_text(upright), length_m(upright))


def _prolonged(line: FloatArray, starting_at: dict[_End, list[FloatArray]]) -> FloatArray:
    """Add pieces at the end of a line until none goes on straight enough, or the line comes back to where it was."""
    reached = {_end(point) for point in line}
    while True:
        onward = [piece for piece in starting_at[_end(line[-1])] if _end(piece[-1]) not in reached]
        straightest = max(onward, key=lambda piece: _straightness(line, piece), default=None)
        if straightest is None or _straightness(line, straightest) < _LEAST_STRAIGHTNESS:
            return line
        reached.add(_end(straightest[-1]))
        line = np.vstack([line, straightest[1:]])


def _straightness(line: FloatArray, piece: FloatArray) -> float:
    """Cosine of the turn from the end of a line into a piece."""
    heading, onward = line[-1] - line[-2], piece[1] - piece[0]
    lengths = float(np.hypot(*heading) * np.hypot(*onward))
    return float(heading @ onward) / lengths if lengths > 0 else -1.0


def _smooth(line: FloatArray) -> FloatArray:
    """Take every thirtieth metre of a line: letters on a line with small corners would turn every way."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    steps = np.linspace(0.0, along[-1], max(2, round(along[-1] / _SMOOTH_M) + 1))
    return np.column_stack([np.interp(steps, along, column) for column in line.T])


def _straightest_part(line: FloatArray) -> FloatArray:
    """Return the longest part that keeps its direction: round a bend, letters would stand on their heads."""
    bends = [0]
    for point in range(1, len(line) - 1):
        so_far, onward = line[point] - line[bends[-1]], line[point + 1] - line[point]
        lengths = float(np.hypot(*so_far) * np.hypot(*onward))
        if lengths > 0 and float(so_far @ onward) / lengths < _LEAST_STRAIGHTNESS:
            bends.append(point)
    parts = [line[start : end + 1] for start, end in pairwise([*bends, len(line) - 1])]
    return max(parts, key=length_m)


def _end(point: FloatArray) -> _End:
    return (float(point[0]), float(point[1]))


def length_m(line: FloatArray) -> float:
    """Measure a line on the plane.

    Parameters
    ----------
    line
        ``(p, 2)`` metres.

    Returns
    -------
    float
        Metres.
    """
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
