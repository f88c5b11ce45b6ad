"""Whatever a caller sends, the service answers or refuses, and goes on: no message ends in INTERNAL."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odograph import v1

from server.application import SERVICERS
from server.transport.method_handlers import served_methods
from tests.server.generic_call import METHODS

SERVED = sorted(
    f"{service.name}.{method}" for service, make in SERVICERS.items() for method in served_methods(service, make)
)
REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,  # many of these calls at once may fill the queue for solvers
    grpc.StatusCode.DEADLINE_EXCEEDED,  # or wait in it until they give up
}
TIMEOUT_S = 3.0
NUMBERS = st.sampled_from([0.0, -1.0, 1e-9, 24.95, 25.0, 60.0, 60.001, 91.0, 1e300, float("inf"), float("nan")])
WHOLE_NUMBERS = st.sampled_from([0, 1, -1, 2, 7, 1_772_438_400, 2**31 - 1, -(2**31)])
LONG_NUMBERS = WHOLE_NUMBERS | st.sampled_from([2**62, -(2**63)])
WORDS = st.sampled_from(["", "a", "town-car", "town-foot", "2026-03-02", "Europe/Helsinki", "../x", "é" * 300, "a\0b"])
UNKNOWN_VALUE = 99
"""Of an enumeration: what a caller of a later version may send."""
SHARED_NETWORKS = {"town-car", "town-foot"}
"""Other tests use them too: these are not to be deleted."""
MAX_DEPTH = 5


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    """Values of one field, likely and unlikely ones."""
    if field.message_type is not None:
        return messages(field.message_type, depth + 1)
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values] + [UNKNOWN_VALUE])
    if field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return NUMBERS
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return WORDS
    if field.cpp_type == FieldDescriptor.CPPTYPE_INT64:
        return LONG_NUMBERS
    return st.booleans() if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL else WHOLE_NUMBERS


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> Message:
    """Messages with any of their fields set to anything."""
    message = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if depth > MAX_DEPTH or not draw(st.integers(0, 3)):
            continue
        if field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(values(field, depth), max_size=3)))
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(draw(values(field, depth)))
        else:
            setattr(message, field.name, draw(values(field, depth)))
    return message


async def status_of_call(channel: grpc.aio.Channel, name: str, request: Message) -> grpc.StatusCode:
    """The status with which a call ends."""
    method = METHODS[name]
    path = f"/{method.containing_service.full_name}/{method.name}"
    serialize = type(request).SerializeToString
    try:
        if method.client_streaming:
            await channel.stream_unary(path, request_serializer=serialize)(iter([request, request]), timeout=TIMEOUT_S)
        elif method.server_streaming:
            async for _ in channel.unary_stream(path, request_serializer=serialize)(request, timeout=TIMEOUT_S):
                pass
        else:
            await channel.unary_unary(path, request_serializer=serialize)(request, timeout=TIMEOUT_S)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", SERVED)
async def test_any_message_is_answered_or_refused(town: grpc.aio.Channel, name: str) -> None:
    """Messages of every method, with any field set to anything, end in OK or in a refusal that names its reason."""
    requests: list[Message] = []

    @settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
    @given(messages(METHODS[name].input_type))
    def collect(request: Message) -> None:
        if not isinstance(request, v1.DeleteRoadNetworkRequest) or request.road_network_id not in SHARED_NETWORKS:
            requests.append(request)

    collect()
    statuses = await asyncio.gather(*(status_of_call(town, name, request) for request in requests))
    assert set(statuses) <= REFUSALS | {grpc.StatusCode.OK}
