"""Calls any method of the API with requests in JSON."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from server.application import SERVICERS

METHODS: dict[str, MethodDescriptor] = {
    f"{service.name}.{method.name}": method for service in SERVICERS for method in service.methods
}


async def answers_of(channel: grpc.aio.Channel, method_name: str, requests: list[dict[str, Any]]) -> list[Message]:
    """Send the requests of one call of ``Service.Method``, and return every message of its answer."""
    method = METHODS[method_name]
    request_class = message_factory.GetMessageClass(method.input_type)
    answer_class = message_factory.GetMessageClass(method.output_type)
    path = f"/{method.containing_service.full_name}/{method.name}"
    coders = {
        "request_serializer": request_class.SerializeToString,
        "response_deserializer": answer_class.FromString,
    }
    messages = [json_format.ParseDict(request, request_class()) for request in requests]
    if method.client_streaming:
        return [await channel.stream_unary(path, **coders)(iter(messages))]
    if method.server_streaming:
        return [answer async for answer in channel.unary_stream(path, **coders)(messages[0])]
    return [await channel.unary_unary(path, **coders)(messages[0])]
