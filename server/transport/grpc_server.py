"""The gRPC server: our services, health and reflection on one port.

Health says NOT_SERVING from the first moment on and SERVING once everything is warm, so that a balancer can ask early
and sends nothing too soon.
"""

from __future__ import annotations

from collections.abc import Mapping

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from server.settings import Settings
from server.transport.call_guard import CallGuard
from server.transport.message_reading import TRANSPORT_FACTOR
from server.transport.method_handlers import service_handler
from server.transport.metrics import CallMetrics


class GrpcServer:
    """One gRPC server.

    Parameters
    ----------
    servicers
        Every service with its servicer.
    settings
        Address and limits.
    metrics
        Where calls are counted.
    """

    def __init__(
        self, servicers: Mapping[ServiceDescriptor, object], *, settings: Settings, metrics: CallMetrics
    ) -> None:
        self._settings = settings
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", TRANSPORT_FACTOR * settings.max_message_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),
            ]
        )
        guard = CallGuard(metrics)
        self._server.add_generic_rpc_handlers(
            tuple(
                service_handler(service, servicer, guard, most_bytes=settings.max_message_bytes)
                for service, servicer in servicers.items()
            )
        )
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._names = (*(service.full_name for service in servicers), health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(self._names, self._server)

    async def start(self) -> int:
        """Start to listen, not yet serving by the health service; return the port.

        Raises
        ------
        OSError
            Where the address cannot be listened on.
        """
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            message = f"cannot listen on {address}: is another service using it?"
            raise OSError(message) from error
        await self._server.start()
        return port

    async def announce_ready(self) -> None:
        """Let the health service say that everything is served."""
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)

    async def stop(self) -> None:
        """Take no new calls, let running ones end within the grace time, then stop."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._settings.shutdown_grace_s)

    async def _set_health(self, status: health_pb2.HealthCheckResponse.ServingStatus.ValueType) -> None:
        for name in ("", *self._names):
            await self._health.set(name, status)
