"""Finds for every observation the places on roads where the worker may have been."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE
from geo.kernel_types import int64, merged_kernel
from geo.matching.records import CANDIDATE, CELL_SEGMENT, HIT, Record, Records
from geo.roads.network import read_only
from geo.roads.segment_grid_kernels import SegmentGrid, first_cell

MAX_SEGMENTS = 128
"""Segments looked at around one observation; there are fewer, but for the densest maps."""


class SearchReach(NamedTuple):
    """How far to look for candidates.

    Parameters
    ----------
    radius_m, radius_sigmas, max_radius_m
        Search radius: `radius_m` or so many standard deviations, at most the last.
    drift_m
        Standard deviation of the slow part of the position error to reckon with where the device gives none.
    max_candidates
        At most so many roads per observation, the nearest.
    """

    radius_m: float
    radius_sigmas: float
    max_radius_m: float
    drift_m: float
    max_candidates: int


class RoadCells(NamedTuple):
    """The straight pieces of all roads, cell by cell of a grid.

    Parameters
    ----------
    south_degrees, west_degrees, height_degrees, width_degrees
        Corner of cell 0, and the size of a cell.
    row_count, column_count
        Rows from south to north and columns from west to east.
    row_first
        ``(r + 1,)`` int32: the cells of a row start here. Only cells with a road exist.
    column
        ``(c,)`` int32 column of each cell, ascending within a row.
    first
        ``(c + 1,)`` int32: the pieces of a cell start here.
    segments
        ``(e,)`` `CELL_SEGMENT`, ascending by ``segment`` within a cell.
    """

    south_degrees: float
    west_degrees: float
    height_degrees: float
    width_degrees: float
    row_count: int
    column_count: int
    row_first: NDArray[np.int32]
    column: NDArray[np.int32]
    first: NDArray[np.int32]
    segments: Records


def road_cells(grid: SegmentGrid) -> RoadCells:
    """Lay the segments of a grid out for searches.

    Parameters
    ----------
    grid
        The segments.

    Returns
    -------
    RoadCells
        The same, with everything that a search asks of them.
    """
    segment = grid.cell_segments
    cell_row, entries = np.repeat(np.arange(grid.row_count), np.diff(grid.row_first)), np.diff(grid.cell_first)
    row, column = np.repeat(cell_row, entries), np.repeat(grid.cell_column, entries)
    south = grid.south_degrees + row * grid.cell_height_degrees
    west = grid.west_degrees + column * grid.cell_width_degrees
    segments = np.empty(len(segment), CELL_SEGMENT)
    for end, point in (("tail", segment), ("head", segment + 1)):
        segments[f"{end}_east"] = (grid.point_longitude_degrees[point] - west) * METRES_PER_DEGREE
        segments[f"{end}_north"] = (grid.point_latitude_degrees[point] - south) * METRES_PER_DEGREE
        segments[f"{end}_share"] = grid.point_share[point]
    segments["segment"] = segment
    segments["edge"] = grid.shape_edge[grid.point_shape[segment]]
    return RoadCells(
        grid.south_degrees,
        grid.west_degrees,
        grid.cell_height_degrees,
        grid.cell_width_degrees,
        grid.row_count,
        grid.column_count,
        read_only(np.asarray(grid.row_first)),
        read_only(np.asarray(grid.cell_column)),
        read_only(np.asarray(grid.cell_first)),
        read_only(segments),
    )


class _Nearby(NamedTuple):
    """``(h,)`` `HIT` near one observation, ascending by segment, and the places of the nearest hit of every pass."""

    hits: Records
    passes: NDArray[np.int32]


@njit(nogil=True, cache=True)
def find_candidates(cells: RoadCells, edges: Records, layers: Records, reach: SearchReach) -> Records:
    """Find the candidates of all observations.

    A road that passes an observation twice (a hairpin) gives one candidate per pass and direction.

    Parameters
    ----------
    cells
        The roads' segments.
    edges
        ``(m,)`` `EDGE`.
    layers
        ``(t,)`` `LAYER`; receive where their candidates lie.
    reach
        How far to look.

    Returns
    -------
    Records
        ``(c,)`` `CANDIDATE`: both directions of a road follow one another; an observation far from every road has none.
    """
    candidates = np.empty(12 * len(layers) + 2 * reach.max_candidates, CANDIDATE)
    nearby = _Nearby(np.empty(MAX_SEGMENTS, HIT), np.empty(MAX_SEGMENTS, np.int32))
    used = int64(0)
    for number in range(len(layers)):
        if used + 2 * reach.max_candidates > len(candidates):
            candidates = _longer(candidates, used)
        used = _candidates_of(cells, edges, layers[number], reach, nearby, candidates, used)
    return candidates[:used]


@merged_kernel
def _longer(candidates: Records, used: int) -> Records:
    longer = np.empty(2 * len(candidates), CANDIDATE)
    for place in range(used):
        longer[place] = candidates[place]
    return longer


@merged_kernel
def _candidates_of(
    cells: RoadCells,
    edges: Records,
    layer: Record,
    reach: SearchReach,
    nearby: _Nearby,
    candidates: Records,
    used: int,
) -> int:
    """Write the candidates of one observation; return how many there are now."""
    slow_m = reach.drift_m if math.isnan(layer["device_m"]) else layer["device_m"]
    sigma_m = math.sqrt(slow_m * slow_m + layer["white_m"] * layer["white_m"])
    radius_m = min(max(reach.radius_m, reach.radius_sigmas * sigma_m), reach.max_radius_m)
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(layer["latitude"]))
    found = _hits_nearby(cells, layer, radius_m, metres_east, nearby.hits)
    passes = _nearest_per_pass(nearby, found)
    passes = _nearest_passes(nearby, passes, reach.max_candidates)
    layer["candidate_first"] = used
    used = _write_candidates(edges, nearby, passes, candidates, used)
    layer["candidate_stop"] = used
    return used


@merged_kernel
def _hits_nearby(cells: RoadCells, layer: Record, radius_m: float, metres_east: float, hits: Records) -> int:
    """Find the segments within the search radius, each once, ascending; return how many there are."""
    radius_2 = radius_m * radius_m
    scale_east = metres_east / METRES_PER_DEGREE
    row_at = (layer["latitude"] - cells.south_degrees) / cells.height_degrees
    column_at = (layer["longitude"] - cells.west_degrees) / cells.width_degrees
    rows = radius_m / METRES_PER_DEGREE / cells.height_degrees
    columns = radius_m / max(metres_east, 1.0) / cells.width_degrees
    left, right = _clipped(column_at - columns, cells.column_count), _clipped(column_at + columns, cells.column_count)
    found = 0
    for row in range(_clipped(row_at - rows, cells.row_count), _clipped(row_at + rows, cells.row_count) + 1):
        north = (row_at - row) * cells.height_degrees * METRES_PER_DEGREE
        for cell in range(first_cell(cells.row_first, cells.column, row, left), cells.row_first[row + 1]):
            if cells.column[cell] > right:
                break
            east = (column_at - cells.column[cell]) * cells.width_degrees * METRES_PER_DEGREE
            for entry in range(cells.first[cell], cells.first[cell + 1]):
                piece = cells.segments[entry]
                ay, by = piece["tail_north"] - north, piece["head_north"] - north
                if min(ay, by) > radius_m or max(ay, by) < -radius_m:
                    continue
                ax, bx = (piece["tail_east"] - east) * scale_east, (piece["head_east"] - east) * scale_east
                if min(ax, bx) > radius_m or max(ax, bx) < -radius_m:
                    continue
                dx, dy = bx - ax, by - ay
                squared = dx * dx + dy * dy
                share = 0.0
                if squared > 0.0:
                    share = min(max(-(ax * dx + ay * dy) / squared, 0.0), 1.0)
                x, y = ax + share * dx, ay + share * dy
                distance_2 = x * x + y * y
                if distance_2 > radius_2:
                    continue
                place = _place_for(hits, found, piece["segment"])
                if place >= 0:
                    hit = hits[place]
                    hit["segment"], hit["edge"] = piece["segment"], piece["edge"]
                    hit["share"] = piece["tail_share"] + share * (piece["head_share"] - piece["tail_share"])
                    hit["east"], hit["north"], hit["distance_m"] = dx, dy, math.sqrt(distance_2)
                    found += 1
    return found


@merged_kernel
def _clipped(place: float, count: int) -> int:
    """Row or column of a place, in the grid."""
    return int(min(max(place, 0.0), count - 1.0))


@merged_kernel
def _place_for(hits: Records, found: int, segment: int) -> int:
    """Make room for a segment in its place; ``-1`` where it is there already or there is no room."""
    place = found
    while place > 0 and hits[place - 1]["segment"] >= segment:
        place -= 1
    if (place < found and hits[place]["segment"] == segment) or found == MAX_SEGMENTS:
        return -1
    for later in range(found, place, -1):
        hits[later] = hits[later - 1]
    return place


@merged_kernel
def _nearest_per_pass(nearby: _Nearby, found: int) -> int:
    """Find the nearest segment of every pass (unbroken segments of one shape); return how many passes there are."""
    hits, passes = nearby.hits, nearby.passes
    count = 0
    for position in range(found):
        hit = hits[position]
        continues = (
            position > 0
            and hits[position - 1]["segment"] == hit["segment"] - 1
            and hits[position - 1]["edge"] == hit["edge"]
        )
        if not continues:
            passes[count] = position
            count += 1
        elif hit["distance_m"] < hits[passes[count - 1]]["distance_m"]:
            passes[count - 1] = position
    return count


@merged_kernel
def _nearest_passes(nearby: _Nearby, passes: int, most: int) -> int:
    """Leave the farthest passes out until there are no more than `most`; return how many there are."""
    while passes > most:
        farthest = 0
        for number in range(passes):
            if nearby.hits[nearby.passes[number]]["distance_m"] > nearby.hits[nearby.passes[farthest]]["distance_m"]:
                farthest = number
        passes -= 1
        nearby.passes[farthest] = nearby.passes[passes]
    return passes


@merged_kernel
def _write_candidates(edges: Records, nearby: _Nearby, passes: int, candidates: Records, used: int) -> int:
    """Write both directions of every pass; return how many candidates there are now."""
    hits = nearby.hits
    for number in range(passes):
        hit = hits[nearby.passes[number]]
        edge = edges[hit["edge"]]
        length_m = max(math.sqrt(hit["east"] * hit["east"] + hit["north"] * hit["north"]), 1e-9)
        east, north = hit["east"] / length_m, hit["north"] / length_m
        ahead, back = candidates[used], candidates[used + 1]
        ahead["edge"], back["edge"] = hit["edge"], edge["reverse"]
        ahead["opposite"], back["opposite"] = used + 1, used
        ahead["along_m"], back["along_m"] = edge["length_m"] * hit["share"], edge["length_m"] * (1.0 - hit["share"])
        ahead["distance_m"], back["distance_m"] = hit["distance_m"], hit["distance_m"]
        ahead["east"], ahead["north"], back["east"], back["north"] = east, north, -east, -north
        used += 2
    return used
