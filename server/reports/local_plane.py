"""The plane that a report's map is drawn on: metres east and south of a corner, as the y axis of a screen runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.roads.edge_shapes import wrapped_degrees

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LocalPlane:
    """An equirectangular plane.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        Where x and y are zero.
    """

    latitude_degrees: float
    longitude_degrees: float

    def points(self, latitude_degrees: ArrayLike, longitude_degrees: ArrayLike) -> FloatArray:
        """Lay places on the plane.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` WGS-84.

        Returns
        -------
        FloatArray
            ``(n, 2)`` metres east and south.
        """
        with np.errstate(invalid="ignore"):  # a recorded point may be nowhere
            east = wrapped_degrees(np.subtract(longitude_degrees, self.longitude_degrees))
        south = np.subtract(self.latitude_degrees, latitude_degrees)
        shrink = math.cos(math.radians(self.latitude_degrees))
        return np.column_stack([east * (METRES_PER_DEGREE * shrink), south * METRES_PER_DEGREE])


@dataclass(frozen=True)
class Frame:
    """A rectangle on the plane, in metres."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def around(cls, points: FloatArray, *, margin_m: float, least_m: float) -> Frame:
        """Make the frame around some points.

        Parameters
        ----------
        points
            ``(n, 2)``; without a finite one, the frame lies around the origin.
        margin_m
            Room left on each side.
        least_m
            Least width and height.

        Returns
        -------
        Frame
            The rectangle.
        """
        finite = points[np.isfinite(points).all(axis=1)]
        finite = finite if len(finite) else np.zeros((1, 2))
        low, high = finite.min(axis=0) - margin_m, finite.max(axis=0) + margin_m
        spare = np.maximum(least_m - (high - low), 0.0) / 2.0
        low, high = low - spare, high + spare
        return cls(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))

    def touches(self, low: FloatArray, high: FloatArray) -> NDArray[np.bool_]:
        """Tell which boxes reach into the frame.

        Parameters
        ----------
        low, high
            ``(n, 2)`` corners.

        Returns
        -------
        NDArray[np.bool_]
            ``(n,)``.
        """
        left_top = np.array([self.left, self.top])
        right_bottom = left_top + np.array([self.width, self.height])
        return np.asarray(((low <= right_bottom) & (high >= left_top)).all(axis=1))


def path_text(points: FloatArray, *, close: bool = False) -> str:
    """Write a line as the ``d`` of an SVG path, in steps of a tenth of a metre.

    Parameters
    ----------
    points
        ``(n, 2)`` metres.
    close
        Whether the line returns to its start.

    Returns
    -------
    str
        Relative steps, which keep the file small; empty for fewer than two different points.
    """
    tenths = [(round(x * 10), round(y * 10)) for x, y in points.tolist()]
    steps = [(x - from_x, y - from_y) for (from_x, from_y), (x, y) in pairwise(tenths)]
    steps = [step for step in steps if step != (0, 0)]
    if not steps:
        return ""
    moves = " ".join(f"{_metres(x)} {_metres(y)}" for x, y in steps)
    return f"M{_metres(tenths[0][0])} {_metres(tenths[0][1])}l{moves}{'z' if close else ''}"


def _metres(tenths: int) -> str:
    """Write tenths of a metre in as few characters as possible."""
    whole, tenth = divmod(abs(tenths), 10)
    text = f"{whole}.{tenth}" if tenth else str(whole)
    return f"-{text}" if tenths < 0 else text
