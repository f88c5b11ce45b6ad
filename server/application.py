"""The composition root: makes the tools of a service, warms them, and takes them down again in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType

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


def _service(module: ModuleType) -> ServiceDescriptor:
    """Return the one service that a generated module describes."""
    services: dict[str, ServiceDescriptor] = module.DESCRIPTOR.services_by_name
    (service,) = services.values()
    return service


SERVICERS: Mapping[ServiceDescriptor, Callable[[Workshop], object]] = {
    _service(road_network_service_pb2): RoadNetworkService,
    _service(planning_service_pb2): PlanningService,
    _service(track_service_pb2): TrackService,
    _service(audit_service_pb2): AuditService,
    _service(operation_service_pb2): OperationService,
}
"""Every service of the API, and what makes its servicer."""


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
    servicers = {service: make(workshop) for service, make in SERVICERS.items()}
    server = GrpcServer(servicers, settings=settings, metrics=CallMetrics(registry))
    async with AsyncExitStack() as stack:
        port = await server.start()
        stack.push_async_callback(server.stop)
        stack.callback(workshop.operations.stop_all)
        if settings.metrics_port:
            metrics, _thread = start_http_server(settings.metrics_port, settings.host, registry)
            stack.callback(metrics.server_close)
            stack.callback(metrics.shutdown)
        await asyncio.gather(workshop.solvers.ready(), workshop.threads.compute(warm_up))
        await server.announce_ready()
        yield port
