"""The one place that every gRPC call passes: it counts and times it, and turns errors into rich statuses.

An error of `server.errors` becomes its own status with its google.rpc details. Anything else is a fault of the
service: the caller gets INTERNAL with the request id, the log gets the stack of code lines with the same id, and
neither gets the text of the exception, because that may hold coordinates.
"""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from grpc_status import rpc_status

from server.call_context import CallContext
from server.errors import OdographError
from server.transport.metrics import CallMetrics
from server.transport.rich_status import rich_status

REQUEST_ID_KEY = "x-request-id"
MAX_REQUEST_ID_LENGTH = 128

_log = logging.getLogger(__name__)


class CallGuard:
    """Guards the calls of one server.

    Parameters
    ----------
    metrics
        Where calls are counted.
    """

    def __init__(self, metrics: CallMetrics) -> None:
        self._metrics = metrics

    @asynccontextmanager
    async def guarding(
        self, method: str, grpc_context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[CallContext]:
        """Guard one call.

        Parameters
        ----------
        method
            Full name of the method.
        grpc_context
            The call as gRPC sees it. Nobody behind this guard does.

        Yields
        ------
        CallContext
            The call as servicers see it.
        """
        call = _call_context(grpc_context)
        error: Exception | None = None
        status = grpc.StatusCode.CANCELLED
        with self._metrics.timing(method) as name_status:
            try:
                await grpc_context.send_initial_metadata(((REQUEST_ID_KEY, call.request_id),))
                yield call
                status = grpc.StatusCode.OK
            except OdographError as known:
                error, status = known, known.status
            except Exception as unknown:  # noqa: BLE001 - the last resort of every call
                error, status = unknown, grpc.StatusCode.INTERNAL
                _log_fault(unknown, method, call.request_id)
            finally:
                name_status(status.name)
        # Only now, so that a caller who has its answer finds it counted.
        if isinstance(error, OdographError):
            await grpc_context.abort_with_status(rpc_status.to_status(rich_status(error)))
        elif error is not None:
            message = f"the service failed; it has logged why under request id {call.request_id}"
            await grpc_context.abort(status, message)


def _call_context(grpc_context: grpc.aio.ServicerContext[Any, Any]) -> CallContext:
    metadata = dict(grpc_context.invocation_metadata() or ())
    given = str(metadata.get(REQUEST_ID_KEY, ""))
    request_id = given if 0 < len(given) <= MAX_REQUEST_ID_LENGTH and given.isascii() else uuid.uuid4().hex
    remaining_s = grpc_context.time_remaining()
    return CallContext(
        request_id=request_id, deadline_s=None if remaining_s is None else time.monotonic() + remaining_s
    )


def _log_fault(error: Exception, method: str, request_id: str) -> None:
    frames = reversed(traceback.extract_tb(error.__traceback__))
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    _log.error("%s failed with %s at %s (request %s)", method, type(error).__name__, where, request_id)
