"""Road networks opened once and kept: their arrays are memory-mapped, their indices are built at the first use.

Everything here is immutable after it is built and may be used by several threads at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from geo.matching.map_matcher import MapMatcher
from geo.roads.network import RoadNetwork
from geo.roads.network_file import open_network
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from server.compute.threads import WorkThreads

MAX_OPEN_NETWORKS = 8


@dataclass(frozen=True, eq=False)
class OpenNetwork:
    """One road network with everything that computes on it.

    Parameters
    ----------
    id
        Its id.
    network
        Its arrays.
    snapper, router
        Lay places on it, and find paths on it.
    """

    id: str
    network: RoadNetwork
    snapper: Snapper
    router: Router

    @cached_property
    def matcher(self) -> MapMatcher:
        """Lays tracks on it; built at the first use."""
        return MapMatcher(self.network)


class OpenNetworks:
    """The open road networks of one service. Its methods belong to the event loop.

    Parameters
    ----------
    folder
        Holds one folder per network.
    threads
        Where networks are opened.
    """

    def __init__(self, folder: Path, threads: WorkThreads) -> None:
        self._folder = folder
        self._threads = threads
        self._opening: OrderedDict[str, asyncio.Task[OpenNetwork]] = OrderedDict()

    async def get(self, network_id: str) -> OpenNetwork:
        """Return a network, opened now or before; the least recently used ones are closed when there are many.

        Parameters
        ----------
        network_id
            Id of a network that was imported.

        Returns
        -------
        OpenNetwork
            The network, ready to compute on.
        """
        task = self._opening.get(network_id)
        if task is None:
            task = asyncio.create_task(self._threads.compute(self._open, network_id))
            self._opening[network_id] = task
        self._opening.move_to_end(network_id)
        while len(self._opening) > MAX_OPEN_NETWORKS:
            self._opening.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._opening.pop(network_id, None)
            raise

    def _open(self, network_id: str) -> OpenNetwork:
        network = open_network(self._folder / network_id)
        return OpenNetwork(id=network_id, network=network, snapper=Snapper(network), router=Router.build(network))
