"""Reads the google.rpc details of a failed call."""

from __future__ import annotations

from typing import TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

Detail = TypeVar("Detail", bound=Message)


def status_of(error: grpc.aio.AioRpcError) -> Status:
    """The rich status that the error carries."""
    (packed,) = [value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin"]
    return Status.FromString(packed)


def detail_of(error: grpc.aio.AioRpcError, kind: type[Detail]) -> Detail:
    """The one detail of a kind that the error carries."""
    (found,) = [detail for detail in status_of(error).details if detail.Is(kind.DESCRIPTOR)]
    message = kind()
    found.Unpack(message)
    return message


def violations_of(error: grpc.aio.AioRpcError) -> list[tuple[str, str]]:
    """Field and description of every broken rule that the error lists."""
    return [(violation.field, violation.description) for violation in detail_of(error, BadRequest).field_violations]
