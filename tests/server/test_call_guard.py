"""What every call gets, whatever it asks: a request id, a status, limits, health and reflection."""

from __future__ import annotations

import asyncio
import logging
import socket
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import replace

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ResourceInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from odograph import v1
from odograph.v1 import track_service_pb2
from prometheus_client import CollectorRegistry

from server.application import open_workshop, serving
from server.call_context import CallContext
from server.settings import Settings
from server.transport.grpc_server import GrpcServer
from server.transport.metrics import CallMetrics
from tests.server.rich_errors import detail_of, violations_of

SECRET = "60.1699"  # a coordinate that must not leave the service


class FaultyServicer:
    """Fails in ways that nobody foresaw."""

    async def GetTrack(self, _request: v1.GetTrackRequest, call: CallContext) -> v1.Track:  # noqa: N802 - an API method
        """Fail with a message that holds a coordinate."""
        assert call.request_id
        message = f"latitude {SECRET} is bad"
        raise ZeroDivisionError(message)


@pytest.fixture
async def faulty() -> AsyncIterator[tuple[grpc.aio.Channel, CollectorRegistry]]:
    """A channel to a server whose servicer fails, and what it counts."""
    registry = CollectorRegistry()
    services = {track_service_pb2.DESCRIPTOR.services_by_name["TrackService"]: FaultyServicer()}
    server = GrpcServer(services, settings=Settings(port=0), metrics=CallMetrics(registry))
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel, registry
    await server.stop()


async def test_an_unforeseen_error_is_internal_with_a_request_id_and_no_coordinates(
    faulty: tuple[grpc.aio.Channel, CollectorRegistry], caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets INTERNAL and an id; the log gets the same id and the lines of code, never the data."""
    channel, registry = faulty
    caplog.set_level(logging.ERROR, logger="server")
    call = v1.TrackServiceStub(channel).GetTrack(v1.GetTrackRequest(), metadata=(("x-request-id", "mine-7"),))
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call
    assert failed.value.code() is grpc.StatusCode.INTERNAL
    assert "mine-7" in str(failed.value.details())
    assert "mine-7" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert SECRET not in caplog.text + str(failed.value.details())
    labels = {"method": "odograph.v1.TrackService.GetTrack", "status": "INTERNAL"}
    assert registry.get_sample_value("odograph_calls_total", labels) == 1


async def test_a_method_that_is_not_served_says_so(faulty: tuple[grpc.aio.Channel, CollectorRegistry]) -> None:
    """A method that the service specifies but its servicer lacks answers UNIMPLEMENTED in words."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.TrackServiceStub(faulty[0]).ListTracks(v1.ListTracksRequest())
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "does not serve it" in str(refused.value.details())


async def test_every_call_gets_its_request_id_back(channel: grpc.aio.Channel) -> None:
    """A caller's request id comes back in the initial metadata; a caller without one is given one."""
    stub = v1.TrackServiceStub(channel)
    named = stub.ListTracks(v1.ListTracksRequest(), metadata=(("x-request-id", "mine-8"),))
    unnamed = stub.ListTracks(v1.ListTracksRequest())
    assert ("x-request-id", "mine-8") in tuple(await named.initial_metadata())
    given = [value for key, value in await unnamed.initial_metadata() if key == "x-request-id"]
    assert len(given[0]) == 32
    await named
    await unnamed


async def test_a_missing_resource_is_named(channel: grpc.aio.Channel) -> None:
    """NOT_FOUND carries what kind of resource is missing and under which name."""
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await v1.OperationServiceStub(channel).GetOperation(v1.GetOperationRequest(operation_id="nope"))
    info = detail_of(missing.value, ResourceInfo)
    assert (info.resource_type, info.resource_name) == ("operation", "nope")


async def test_bytes_that_are_no_message_are_refused(channel: grpc.aio.Channel) -> None:
    """Neither a call nor a stream of bytes that are no message is a fault of the service."""
    garbage = b"\xff\xff\xff"
    calls = (
        channel.unary_unary("/odograph.v1.PlanningService/GetPlan")(garbage),
        channel.stream_unary("/odograph.v1.TrackService/RecordTrack")(iter([garbage])),
    )
    for call in calls:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        assert [each.field for each in detail_of(refused.value, BadRequest).field_violations] == ["request"]


LARGE = v1.TrackName(worker_id="x" * 5_000_000, day="2026-03-02")


async def test_a_message_of_five_megabytes_is_refused_in_words_and_the_service_goes_on(
    channel: grpc.aio.Channel,
) -> None:
    """A call, a stream of answers and a stream of requests: each names the limit and what to do instead."""
    tracks, watch = v1.TrackServiceStub(channel), v1.OperationServiceStub(channel).WatchOperation
    header = v1.RecordTrackRequest(header=v1.TrackHeader(name=LARGE))
    for call in (
        tracks.GetTrack(v1.GetTrackRequest(name=LARGE)),
        watch(v1.WatchOperationRequest(operation_id=LARGE.worker_id)).read(),
        tracks.RecordTrack(iter([header, v1.RecordTrackRequest()])),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        ((field, rule),) = violations_of(refused.value)
        assert field == "request"
        assert "at most 4,194,304" in rule
        assert "in several parts" in rule
    assert not (await tracks.ListTracks(v1.ListTracksRequest())).tracks


async def test_a_message_beyond_what_is_let_in_is_refused_unread_and_the_service_goes_on(
    channel: grpc.aio.Channel,
) -> None:
    """Above twice the limit the transport refuses with both sizes, so that no caller fills the memory."""
    stub = v1.TrackServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.GetTrack(v1.GetTrackRequest(name=v1.TrackName(worker_id="x" * 9_000_000)))
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in str(refused.value.details())
    assert not (await stub.ListTracks(v1.ListTracksRequest())).tracks


async def test_a_stream_that_is_refused_while_it_is_sent_says_why(channel: grpc.aio.Channel) -> None:
    """However much is still on its way, the caller hears of the broken rule: the service takes the rest first."""
    requests = [v1.RecordTrackRequest(part=v1.TrackPart(first_sequence=number)) for number in range(300)]
    calls = [v1.TrackServiceStub(channel).RecordTrack(iter(requests)) for _ in range(20)]
    for error in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(error, grpc.aio.AioRpcError)
        assert violations_of(error) == [("header", "must be in the first message of the stream")]


async def test_health_says_serving_for_every_service(channel: grpc.aio.Channel) -> None:
    """Once a service is up, the health service says SERVING for the whole and for each part."""
    stub = health_pb2_grpc.HealthStub(channel)
    for name in ("", "odograph.v1.TrackService", "odograph.v1.OperationService"):
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_lists_every_service(channel: grpc.aio.Channel) -> None:
    """Grpcurl can ask the service what it offers."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    answer = await call.read()
    names = {service.name for service in answer.list_services_response.service}
    assert {"odograph.v1.TrackService", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"} <= names


async def test_an_unreadable_page_token_is_refused(channel: grpc.aio.Channel) -> None:
    """A page token that no listing made is a broken rule of the request."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.TrackServiceStub(channel).ListTracks(v1.ListTracksRequest(page_token="nonsense"))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_metrics_are_offered_where_a_port_is_set(settings: Settings) -> None:
    """With a metrics port, calls are counted where Prometheus can read them, for as long as the service runs."""
    with socket.socket() as probe:
        probe.bind((settings.host, 0))
        metrics_port = probe.getsockname()[1]
    async with (
        open_workshop(replace(settings, metrics_port=metrics_port)) as workshop,
        serving(workshop) as port,
        grpc.aio.insecure_channel(f"{settings.host}:{port}") as channel,
    ):
        await v1.TrackServiceStub(channel).ListTracks(v1.ListTracksRequest())
        url = f"http://{settings.host}:{metrics_port}/metrics"
        text = (await asyncio.to_thread(urllib.request.urlopen, url)).read().decode()
    assert 'odograph_calls_total{method="odograph.v1.TrackService.ListTracks",status="OK"} 1.0' in text
