"""What the folder of one road network holds: its arrays, and beside them all that is computed from them once.

The indices are written when a network is imported, so that whoever opens it later computes nothing. A folder without
them, or with those of another release, is completed where it is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from geo.errors import NetworkFileError
from geo.roads.grid_file import open_segment_grid, write_segment_grid
from geo.roads.network import RoadNetwork
from geo.roads.network_file import open_network, write_network
from geo.roads.segment_grid import build_segment_grid
from geo.roads.snapping import Snapper
from geo.routing.index_file import open_router, write_routing_index
from geo.routing.router import Router


def write_network_folder(
    network: RoadNetwork, folder: Path, *, on_progress: Callable[[float], None] | None = None
) -> None:
    """Write a network with its indices. Where that is interrupted, opening completes it.

    Parameters
    ----------
    network
        The network.
    folder
        Where.
    on_progress
        Called now and then with the share done, in [0, 1]; may raise to stop.
    """
    router = Router.build(network, on_progress=on_progress)
    write_network(network, folder)
    write_segment_grid(build_segment_grid(network), network, folder)
    write_routing_index(router, folder)


def open_network_folder(folder: Path) -> tuple[RoadNetwork, Snapper, Router]:
    """Open a network with its indices, memory-mapped; what is missing is built and kept.

    Parameters
    ----------
    folder
        Where it is.

    Returns
    -------
    tuple[RoadNetwork, Snapper, Router]
        The network, and what lays places on it and finds paths on it.

    Raises
    ------
    NetworkFileError
        There is no such network, or it is damaged.
    """
    network = open_network(folder)
    try:
        grid = open_segment_grid(network, folder)
    except NetworkFileError:
        grid = build_segment_grid(network)
        write_segment_grid(grid, network, folder)
    try:
        router = open_router(network, folder)
    except NetworkFileError:
        router = Router.build(network)
        write_routing_index(router, folder)
    return network, Snapper(network, grid), router
