"""Stores the segment grid of a network in the network's folder, and opens it again in milliseconds.

What the grid shares with its network (shape points, reverse edges) is not written twice.
"""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np

from geo.roads.network import RoadNetwork
from geo.roads.network_index import IndexKind
from geo.roads.segment_grid_kernels import SegmentGrid

INDEX = IndexKind("segment grid", folder="segments", version=2)


def write_segment_grid(grid: SegmentGrid, network: RoadNetwork, network_folder: str | PathLike[str]) -> None:
    """Store a grid beside its network.

    Parameters
    ----------
    grid
        The grid.
    network
        What it was built from.
    network_folder
        Folder of the network (`geo.roads.network_file`).
    """
    own = {name: value for name, value in grid._asdict().items() if name not in _of_network(network)}
    arrays = {name: value for name, value in own.items() if isinstance(value, np.ndarray)}
    numbers = {name: value for name, value in own.items() if name not in arrays}
    INDEX.write(network, network_folder, arrays, {"numbers": numbers})


def open_segment_grid(network: RoadNetwork, network_folder: str | PathLike[str]) -> SegmentGrid:
    """Open a stored grid; its arrays stay on disk until they are used.

    Parameters
    ----------
    network
        The network, opened from the same folder.
    network_folder
        Its folder.

    Returns
    -------
    SegmentGrid
        Equal to the one that was written.

    Raises
    ------
    NetworkFileError
        There is no grid, it is damaged, of another format version, or made from another network.
    """
    with INDEX.opened(network, network_folder) as stored:
        fields: dict[str, Any] = {**stored.attributes["numbers"], **stored.arrays, **_of_network(network)}
        return SegmentGrid(**fields)


def _of_network(network: RoadNetwork) -> dict[str, Any]:
    """Return the fields of a grid that are its network's."""
    return {
        "point_latitude_degrees": network.shape_latitude_degrees,
        "point_longitude_degrees": network.shape_longitude_degrees,
        "edge_reverse": network.edge_reverse,
    }
