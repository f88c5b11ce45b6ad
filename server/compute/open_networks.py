"""Road networks opened once and kept: arrays and indices are memory-mapped, the matcher is built at the first use.

Everything here is immutable after it is built and may be used by several threads at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.matching.map_matcher import MapMatcher
from geo.roads.network import RoadNetwork
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from server.compute.kept_by_key import KeptByKey
from server.compute.network_folder import open_network_folder
from server.compute.recent_matrices import RecentMatrices
from server.compute.threads import WorkThreads

MAX_OPEN_NETWORKS = 8
MAX_ROUTERS_AT = 8
"""Routers of other conditions and speeds that are kept for each network: Porto's take 10 MB each."""
MAX_LAYOUTS = 3
"""Of these, those that a condition has laid out anew, by their conditions: whole routing indices."""


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
    recent_matrices
        The last travel matrices of whole problems.
    """

    id: str
    network: RoadNetwork
    snapper: Snapper
    router: Router
    recent_matrices: RecentMatrices = field(default_factory=RecentMatrices, repr=False)
    _layouts: KeptByKey[Router] = field(default_factory=lambda: KeptByKey(MAX_LAYOUTS), repr=False)
    _routers_at: KeptByKey[Router] = field(default_factory=lambda: KeptByKey(MAX_ROUTERS_AT), repr=False)

    def router_at(self, when: datetime, *, holiday: bool, factors: NDArray[np.float64] | None = None) -> Router:
        """Return the router of a moment; those of the last few sets of conditions and speeds are kept.

        Parameters
        ----------
        when
            The moment, in local time.
        holiday
            Whether that day is a public holiday.
        factors
            ``(26,)`` speed factors by road class; None: the network's own speeds.

        Returns
        -------
        Router
            The network's own where the conditions are those of no departure and speeds are its own.
        """
        speeds = SpeedOverlay.of_network(self.network, when=when, holiday=holiday)
        active = speeds.active_conditions
        if factors is not None and np.all(factors == 1.0):
            factors = None
        at_rest = SpeedOverlay.of_network(self.network).active_conditions
        if factors is None and np.array_equal(active, at_rest):
            return self.router
        conditions = active.tobytes()

        def make() -> Router:
            layout = self._layouts.get(conditions, lambda: self.router.laid_out_for(active))
            return layout.with_speeds(speeds if factors is None else speeds.with_speed_factors(self.network, factors))

        return self._routers_at.get(conditions + (b"" if factors is None else factors.tobytes()), make)

    @cached_property
    def matcher(self) -> MapMatcher:
        """Lays tracks on it; built at the first use."""
        return MapMatcher(self.network, grid=self.snapper.grid)


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

    def forget(self, network_id: str) -> None:
        """Close a network; whoever computes on it goes on with the arrays that it holds.

        Parameters
        ----------
        network_id
            Its id.
        """
        self._opening.pop(network_id, None)

    def _open(self, network_id: str) -> OpenNetwork:
        network, snapper, router = open_network_folder(self._folder / network_id)
        return OpenNetwork(id=network_id, network=network, snapper=snapper, router=router)
