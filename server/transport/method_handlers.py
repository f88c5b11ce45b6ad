"""Connects a servicer to gRPC by the description of its service: one generic bridge for every method.

A servicer is a plain object with one coroutine (or asynchronous generator) per method that it serves, called with the
request and a `CallContext`. A method that the service specifies but the servicer lacks answers UNIMPLEMENTED.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message

from server.errors import FieldViolation, InvalidRequestError, NotServedError
from server.transport.call_guard import CallGuard

Behaviour = Callable[[Any, Any], Any]


def served_methods(service: ServiceDescriptor, servicer: object) -> frozenset[str]:
    """Return the names of the methods of `service` that `servicer` serves."""
    return frozenset(method.name for method in service.methods if hasattr(servicer, method.name))


def service_handler(service: ServiceDescriptor, servicer: object, guard: CallGuard) -> grpc.GenericRpcHandler:
    """Make the gRPC handler of a service.

    Parameters
    ----------
    service
        Description of the service.
    servicer
        Its methods.
    guard
        What every call passes.

    Returns
    -------
    grpc.GenericRpcHandler
        To be added to a `grpc.aio.Server`.
    """
    handlers = {
        method.name: _method_handler(method, getattr(servicer, method.name, None), guard) for method in service.methods
    }
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _method_handler(
    method: MethodDescriptor, behaviour: Behaviour | None, guard: CallGuard
) -> grpc.RpcMethodHandler[Any, Any]:
    make, handle = _grpc_behaviour(method, behaviour, guard)
    # Requests are read behind the guard, so that bytes which are no message are refused like any other bad request.
    handler: grpc.RpcMethodHandler[Any, Any] = make(handle, request_deserializer=None, response_serializer=_serialize)
    return handler


def _grpc_behaviour(
    method: MethodDescriptor, behaviour: Behaviour | None, guard: CallGuard
) -> tuple[Callable[..., Any], Behaviour]:
    name = method.full_name
    read: Callable[..., Any] = _read_all if method.client_streaming else _read
    request_class = message_factory.GetMessageClass(method.input_type)

    async def answer_once(request: Any, grpc_context: Any) -> Any:  # noqa: ANN401 - any message, any gRPC call
        async with guard.guarding(name, grpc_context) as call:
            return await _served(behaviour, name)(read(request_class, request), call)

    async def answer_often(request: Any, grpc_context: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - likewise
        async with (
            guard.guarding(name, grpc_context) as call,
            aclosing(_served(behaviour, name)(read(request_class, request), call)) as messages,
        ):
            async for message in messages:
                yield message

    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler, answer_often
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler, answer_once
    return grpc.unary_unary_rpc_method_handler, answer_once


def _served(behaviour: Behaviour | None, name: str) -> Behaviour:
    if behaviour is None:
        message = f"{name} is specified, but this version of the service does not serve it"
        raise NotServedError(message)
    return behaviour


def _read(request_class: type[Message], content: bytes) -> Message:
    try:
        return request_class.FromString(content)
    except DecodeError as error:
        rule = f"is no message {request_class.DESCRIPTOR.full_name}"
        raise InvalidRequestError((FieldViolation("request", rule),)) from error


async def _read_all(request_class: type[Message], contents: AsyncIterator[bytes]) -> AsyncIterator[Message]:
    async for content in contents:
        yield _read(request_class, content)


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()
