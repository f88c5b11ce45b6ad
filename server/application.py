"""The composition root: makes the tools of a service, warms them, and takes them down again in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from google.protobuf.descriptor import ServiceDescriptor
from odograph.v1 import (
    audit_service_pb2,
    operation_service_pb2,
    planning_service_pb2,
    road_network_service_pb2,
    track_service_pb2,
)
from prometheus_client import CollectorRegistry, start_http_server

from server.compute.open_networks import OpenNetworks
from server.compute.threads import WorkThreads
from server.compute.warm_up import warm_up
from server.messages.record_codec import MessageRecordCodec
from server.services.audit_service import AuditService
from server.services.operation_service import OperationService
from server.services.planning_service import PlanningService
from server.services.road_network_service import RoadNetworkService
from server.services.track_service import TrackService
from server.settings import Settings
from server.solving.solver_pool import SolverPool
from server.storage.store import open_store
from server.transport.grpc_server import GrpcServer
from server.transport.metrics import CallMetrics
from server.use_cases.operations import Operations
from server.use_cases.workshop import Workshop


@asynccontextmanager
async def open_workshop(settings: Settings) -> AsyncIterator[Workshop]:
    """Make the tools that the use cases work with, and take them down at the end.

    Parameters
    ----------
    settings
        What the operator set.

    Yields
    ------
    Workshop
        The tools; solvers are started and road networks opened when they are first needed.
    """
    async with AsyncExitStack() as stack:
        threads = WorkThreads(settings.compute_threads)
        stack.callback(threads.close)
        store = await threads.store(open_store, settings.effective_database_url)
        stack.callback(store.close)
        solvers = SolverPool(
            processes=settings.solver_processes, queue=settings.solver_queue, grace_s=settings.solver_grace_s
        )
        stack.push_async_callback(solvers.close)
        operations = Operations(store.operations, threads)
        stack.push_async_callback(operations.close)
        yield Workshop(
            settings=settings,
            store=store,
            threads=threads,
            networks=OpenNetworks(settings.network_folder, threads),
            solvers=solvers,
            operations=operations,
            codec=MessageRecordCodec(),
        )


def servicers_of(workshop: Workshop) -> dict[ServiceDescriptor, object]:
    """Return every service of the API with the servicer that answers it."""
    return {
        _service(road_network_service_pb2): RoadNetworkService(workshop),
        _service(planning_service_pb2): PlanningService(workshop),
        _service(track_service_pb2): TrackService(workshop),
        _service(audit_service_pb2): AuditService(workshop),
        _service(operation_service_pb2): OperationService(workshop),
    }


@asynccontextmanager
async def running_server(settings: Settings) -> AsyncIterator[int]:
    """Run a service for as long as the block takes.

    Parameters
    ----------
    settings
        What the operator set.

    Yields
    ------
    int
        The port that it listens on; the health service says SERVING.
    """
    async with open_workshop(settings) as workshop:
        await workshop.operations.end_unfinished()
        workshop.solvers.start()
        async with serving(workshop) as port:
            yield port


@asynccontextmanager
async def serving(workshop: Workshop) -> AsyncIterator[int]:
    """Serve with tools that are made already, once everything is compiled.

    Parameters
    ----------
    workshop
        The tools.

    Yields
    ------
    int
        The port; the health service says SERVING.
    """
    settings = workshop.settings
    registry = CollectorRegistry()
    server = GrpcServer(servicers_of(workshop), settings=settings, metrics=CallMetrics(registry))
    port = await server.start()
    try:
        if settings.metrics_port:
            start_http_server(settings.metrics_port, settings.host, registry)
        await asyncio.gather(workshop.solvers.ready(), workshop.threads.compute(warm_up))
        await server.announce_ready()
        yield port
    finally:
        await server.stop()


def _service(module: object) -> ServiceDescriptor:
    """Return the one service that a generated module describes."""
    (service,) = module.DESCRIPTOR.services_by_name.values()  # type: ignore[attr-defined]
    return service  # type: ignore[no-any-return]
