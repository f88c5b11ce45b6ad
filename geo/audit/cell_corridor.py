"""The corridor around a planned route: H3 cells, so that "near the plan?" is one look-up per point.

How it is built
---------------
The road geometry is cut into steps shorter than a cell, so that no cell that the route touches is left out (the
straight chain of cells between two distant points, ``grid_path_cells``, misses a fifth of them). Around each touched
cell as many rings are laid as the width asks for, and around each given place a disc of its radius.

How wide it is
--------------
With ``k`` rings of cells with edge ``e`` every point within ``(1.5 k - 0.5) e`` of the route is inside; ``k`` is the
least that reaches the asked width. At the default resolution 12 (``e`` about 11 m, less or more by a fifth with the
place on the earth) and a width of 40 m, over 60 random places on the earth, the nearest point outside was 50 m from
the route and the furthest inside 86 m.

A cell says that something was near, not how near: cell equality of two tracks is no measure of likeness (with 6 m of
noise half of the points change cells of resolution 12), and nothing in an audit uses it so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.audit.planned_day import KnownPlace
from geo.geodesy import chord_lengths_m, great_circles_m

FloatArray = NDArray[np.float64]

FINEST_RESOLUTION = 15


@dataclass(frozen=True)
class CorridorOptions:
    """How fine and how wide the corridor is.

    Parameters
    ----------
    resolution
        H3 resolution of its cells.
    width_m
        Every point within this distance of the route is inside.
    """

    resolution: int = 12
    width_m: float = 40.0

    def __post_init__(self) -> None:
        """Refuse a corridor that cannot be built."""
        if not 0 <= self.resolution <= FINEST_RESOLUTION:
            message = f"resolution must be between 0 and {FINEST_RESOLUTION} (got {self.resolution})"
            raise ValueError(message)
        if not self.width_m > 0.0:
            message = f"width_m must be positive (got {self.width_m})"
            raise ValueError(message)


@dataclass(frozen=True, eq=False)
class CellCorridor:
    """The cells around a route.

    Parameters
    ----------
    cells
        ``(c,)`` uint64 H3 cells, ascending, none twice.
    resolution
        Their resolution.
    """

    cells: NDArray[np.uint64]
    resolution: int

    def contains(self, latitude_degrees: ArrayLike, longitude_degrees: ArrayLike) -> NDArray[np.bool_]:
        """Tell which positions lie in the corridor.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` finite WGS-84 degrees.

        Returns
        -------
        NDArray[np.bool_]
            ``(n,)``.
        """
        latitude, longitude = np.asarray(latitude_degrees, np.float64), np.asarray(longitude_degrees, np.float64)
        return np.asarray(np.isin(_cells_of(latitude, longitude, self.resolution), self.cells))


def build_corridor(
    path_latitude_degrees: FloatArray,
    path_longitude_degrees: FloatArray,
    *,
    places: Iterable[KnownPlace] = (),
    options: CorridorOptions | None = None,
) -> CellCorridor:
    """Lay the corridor around a planned route and the places that belong to it.

    Parameters
    ----------
    path_latitude_degrees, path_longitude_degrees
        ``(p,)`` geometry of the route, WGS-84; may be empty.
    places
        Discs that belong to the plan: customers, depots.
    options
        Resolution and width.

    Returns
    -------
    CellCorridor
        Empty where there is neither a route nor a place.
    """
    options = options or CorridorOptions()
    discs = [
        _disc(place.latitude_degrees, place.longitude_degrees, place.radius_m, options.resolution) for place in places
    ]
    latitude, longitude = densified(path_latitude_degrees, path_longitude_degrees, _step_m(options.resolution))
    touched = np.unique(_cells_of(latitude, longitude, options.resolution))
    if len(touched):
        rings = _rings_for(options.width_m, _shortest_edge_m(touched))
        discs.extend(h3.grid_disk(cell, rings) for cell in touched)
    cells = np.unique(np.concatenate(discs)) if discs else np.empty(0, np.uint64)
    return CellCorridor(cells.astype(np.uint64), options.resolution)


def densified(
    latitude_degrees: FloatArray, longitude_degrees: FloatArray, step_m: float
) -> tuple[FloatArray, FloatArray]:
    """Add points to a line so that no step is longer than asked for.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(p,)`` the line.
    step_m
        Longest distance between neighbours in the answer.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        The line with every given point and those added between them.
    """
    if len(latitude_degrees) == 0:
        return np.empty(0), np.empty(0)
    pieces = np.maximum(1, np.ceil(chord_lengths_m(latitude_degrees, longitude_degrees) / step_m)).astype(np.int64)
    start = np.repeat(np.arange(len(pieces)), pieces)
    within = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = within / pieces[start]
    latitude = latitude_degrees[start] + share * np.diff(latitude_degrees)[start]
    longitude = longitude_degrees[start] + share * np.diff(longitude_degrees)[start]
    return np.append(latitude, latitude_degrees[-1]), np.append(longitude, longitude_degrees[-1])


def _cells_of(latitude: FloatArray, longitude: FloatArray, resolution: int) -> NDArray[np.uint64]:
    places = zip(latitude.tolist(), longitude.tolist(), strict=True)
    return np.fromiter((h3.latlng_to_cell(*place, resolution) for place in places), np.uint64, len(latitude))


def _step_m(resolution: int) -> float:
    """Half the average edge: a line that cuts only the corner of a cell may miss it, which the rings make good."""
    return float(h3.average_hexagon_edge_length(resolution, "m")) / 2.0


def _shortest_edge_m(cells: NDArray[np.uint64]) -> float:
    """Shortest edge among some of the cells: it differs by place on the earth, not from one cell to the next."""
    shortest = math.inf
    for cell in cells[:: max(1, len(cells) // 8)]:
        corner = np.array(h3.cell_to_boundary(cell))
        following = np.roll(corner, -1, axis=0)
        shortest = min(shortest, great_circles_m(corner[:, 0], corner[:, 1], following[:, 0], following[:, 1]).min())
    return shortest


def _rings_for(width_m: float, edge_m: float) -> int:
    """Fewest rings that hold every point within `width_m` of a touched cell: ``(1.5 k - 0.5) e >= width``."""
    return max(1, math.ceil((width_m / edge_m + 0.5) / 1.5))


def _disc(latitude_degrees: float, longitude_degrees: float, radius_m: float, resolution: int) -> NDArray[np.uint64]:
    centre = h3.latlng_to_cell(latitude_degrees, longitude_degrees, resolution)
    return np.asarray(h3.grid_disk(centre, _rings_for(radius_m, _shortest_edge_m(np.array([centre])))))
