"""The tools that the use cases work with. `server.application` makes them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from server.compute.open_networks import OpenNetworks
from server.compute.threads import WorkThreads
from server.settings import Settings
from server.solving.solver_pool import SolverPool
from server.storage.store import Store
from server.use_cases.operations import Operations
from server.use_cases.record_codec import RecordCodec


@dataclass(frozen=True)
class Workshop:
    """The tools of one running service.

    Parameters
    ----------
    settings
        What the operator set.
    store
        What is kept; called by `WorkThreads.store`.
    threads
        Threads beside the event loop.
    networks
        Open road networks.
    solvers
        Solver processes.
    operations
        Long work.
    codec
        Writes plans and audits for the store.
    keeping_network
        Held while one network is written and made known, or removed, so that nobody mixes the files of one id.
    """

    settings: Settings
    store: Store
    threads: WorkThreads
    networks: OpenNetworks
    solvers: SolverPool
    operations: Operations
    codec: RecordCodec
    keeping_network: asyncio.Lock = field(default_factory=asyncio.Lock)
