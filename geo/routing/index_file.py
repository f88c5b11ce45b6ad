"""Stores what routing computes from a network in the network's folder, and opens it again in milliseconds.

Stored is the router at the network's own speeds; other speeds are made from it (`Router.with_speeds`). The index
belongs to one network: it carries its fingerprint, and is refused for another.
"""

from __future__ import annotations

from os import PathLike
from typing import Any

from numpy.typing import NDArray

from geo.roads.network import RoadNetwork
from geo.roads.network_index import IndexKind
from geo.routing.climbing_kernels import RoadCosts
from geo.routing.customization import CustomizedHierarchy
from geo.routing.customization_kernels import SearchArcs
from geo.routing.hierarchy import Hierarchy
from geo.routing.router import Router
from geo.routing.turn_graph import TurnGraph

INDEX = IndexKind("routing index", folder="routing", version=1)

Arrays = dict[str, NDArray[Any]]


def write_routing_index(router: Router, network_folder: str | PathLike[str]) -> None:
    """Store a router beside its network.

    Parameters
    ----------
    router
        A router at the network's own speeds.
    network_folder
        Folder of the network (`geo.roads.network_file`).
    """
    arrays: Arrays = {
        **{f"turn_graph.{name}": array for name, array in vars(router.turn_graph).items()},
        **{f"hierarchy.{name}": array for name, array in vars(router.hierarchy).items()},
        **{f"up.{name}": array for name, array in router.costs.up._asdict().items()},
        **{f"down.{name}": array for name, array in router.costs.down._asdict().items()},
        "edge_key": router.roads.edge_key,
        "arc_key": router.roads.arc_key,
    }
    INDEX.write(router.network, network_folder, arrays, {})


def open_router(network: RoadNetwork, network_folder: str | PathLike[str]) -> Router:
    """Open a stored router; its arrays stay on disk until they are used.

    Parameters
    ----------
    network
        The network, opened from the same folder.
    network_folder
        Its folder.

    Returns
    -------
    Router
        Answers as the one that was stored.

    Raises
    ------
    NetworkFileError
        There is no index, it is damaged, of another format version, or made from another network.
    """
    with INDEX.opened(network, network_folder) as stored:
        arrays = dict(stored.arrays)
        turn_graph = TurnGraph(**_group(arrays, "turn_graph."))
        hierarchy = Hierarchy(**_group(arrays, "hierarchy."))
        costs = CustomizedHierarchy(SearchArcs(**_group(arrays, "up.")), SearchArcs(**_group(arrays, "down.")))
        roads = RoadCosts(
            edge_first_state=turn_graph.edge_first_state,
            edge_reverse=network.edge_reverse,
            edge_key=arrays["edge_key"],
            first_arc=turn_graph.first_arc,
            arc_head=turn_graph.arc_head,
            arc_key=arrays["arc_key"],
            rank=hierarchy.rank,
        )
    return Router(network, turn_graph, hierarchy, costs, roads)


def _group(arrays: Arrays, prefix: str) -> Arrays:
    """Take the arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
