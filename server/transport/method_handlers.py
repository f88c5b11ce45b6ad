"""Connects a servicer to gRPC by the description of its service: one generic bridge for every method.

A servicer is a plain object with one coroutine (or asynchronous generator) per method that it serves, called with the
request and a `CallContext`. A method that the service specifies but the servicer lacks answers UNIMPLEMENTED.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from server.errors import NotServedError
from server.transport.call_guard import CallGuard
from server.transport.message_reading import drain, read_message, read_stream

Behaviour = Callable[[Any, Any], Any]


def served_methods(service: ServiceDescriptor, servicer: object) -> frozenset[str]:
    """Return the names of the methods of `service` that `servicer` serves."""
    return frozenset(method.name for method in service.methods if hasattr(servicer, method.name))


def service_handler(
    service: ServiceDescriptor, servicer: object, guard: CallGuard, *, most_bytes: int
) -> grpc.GenericRpcHandler:
    """Make the gRPC handler of a service.

    Parameters
    ----------
    service
        Description of the service.
    servicer
        Its methods.
    guard
        What every call passes.
    most_bytes
        How long a message may be.

    Returns
    -------
    grpc.GenericRpcHandler
        To be added to a `grpc.aio.Server`.
    """
    handlers = {
        method.name: _method_handler(method, getattr(servicer, method.name, None), guard, most_bytes)
        for method in service.methods
    }
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _method_handler(
    method: MethodDescriptor, behaviour: Behaviour | None, guard: CallGuard, most_bytes: int
) -> grpc.RpcMethodHandler[Any, Any]:
    make, handle = _grpc_behaviour(method, behaviour, guard, most_bytes)
    # Requests are read behind the guard, so that bytes which are no message are refused like any other bad request.
    handler: grpc.RpcMethodHandler[Any, Any] = make(handle, request_deserializer=None, response_serializer=_serialize)
    return handler


def _grpc_behaviour(
    method: MethodDescriptor, behaviour: Behaviour | None, guard: CallGuard, most_bytes: int
) -> tuple[Callable[..., Any], Behaviour]:
    name = method.full_name
    read: Callable[..., Any] = read_stream if method.client_streaming else read_message
    read = partial(read, message_factory.GetMessageClass(method.input_type), most_bytes=most_bytes)

    async def answer_once(request: Any, grpc_context: Any) -> Any:  # noqa: ANN401 - any message, any gRPC call
        async with guard.guarding(name, grpc_context) as call:
            return await _served(behaviour, name)(read(request), call)

    async def answer_stream(requests: Any, grpc_context: Any) -> Any:  # noqa: ANN401 - likewise
        async with guard.guarding(name, grpc_context) as call:
            try:
                return await _served(behaviour, name)(read(requests), call)
            except Exception:
                await drain(requests)
                raise

    async def answer_often(request: Any, grpc_context: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - likewise
        async with (
            guard.guarding(name, grpc_context) as call,
            aclosing(_served(behaviour, name)(read(request), call)) as messages,
        ):
            async for message in messages:
                yield message

    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler, answer_often
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler, answer_stream
    return grpc.unary_unary_rpc_method_handler, answer_once


def _served(behaviour: Behaviour | None, name: str) -> Behaviour:
    if behaviour is None:
        message = f"{name} is specified, but this version of the service does not serve it"
        raise NotServedError(message)
    return behaviour


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()
