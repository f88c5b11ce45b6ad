"""Lists what is kept, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from server.errors import FieldViolation, InvalidRequestError
from server.storage.paging import InvalidPageTokenError
from server.storage.records import OperationRecord, Page, PlanRecord, RoadNetworkRecord, TrackRecord
from server.use_cases.operations import OperationKind, OperationState
from server.use_cases.workshop import Workshop

Row = TypeVar("Row")
Filters = ParamSpec("Filters")


@dataclass(frozen=True)
class PageRequest:
    """Rows on the page (0: the default), and the token of the page before (empty: the first page)."""

    size: int = 0
    token: str = ""


async def list_road_networks(workshop: Workshop, page: PageRequest) -> Page[RoadNetworkRecord]:
    """Return a page of road networks, by id."""
    return await _page(workshop, workshop.store.road_networks.page, size=page.size, token=page.token)


async def list_plans(workshop: Workshop, page: PageRequest, *, day: str = "") -> Page[bytes]:
    """Return a page of serialized plan summaries, latest first."""
    return await _page(workshop, workshop.store.plans.page, day=day, size=page.size, token=page.token)


async def list_tracks(
    workshop: Workshop, page: PageRequest, *, worker_id: str = "", day: str = ""
) -> Page[TrackRecord]:
    """Return a page of tracks without their points, latest day first, then by worker."""
    table = workshop.store.tracks
    return await _page(workshop, table.page, worker_id=worker_id, day=day, size=page.size, token=page.token)


async def list_audits(workshop: Workshop, page: PageRequest, *, worker_id: str = "", day: str = "") -> Page[bytes]:
    """Return a page of serialized audit summaries, latest first."""
    table = workshop.store.audits
    return await _page(workshop, table.page, worker_id=worker_id, day=day, size=page.size, token=page.token)


async def list_operations(
    workshop: Workshop, page: PageRequest, *, kind: OperationKind | None = None
) -> Page[OperationRecord]:
    """Return a page of operations, latest first."""
    try:
        return await workshop.operations.page(kind=kind, size=page.size, token=page.token)
    except InvalidPageTokenError as error:
        raise _invalid_token(error) from error


async def operation_result(workshop: Workshop, record: OperationRecord) -> RoadNetworkRecord | PlanRecord | None:
    """Return what an operation has made; None where it has made nothing, or where that is gone."""
    if record.state != OperationState.SUCCEEDED.value or not record.result_id:
        return None
    if record.kind == OperationKind.IMPORT_ROAD_NETWORK.value:
        return await workshop.threads.store(workshop.store.road_networks.get, record.result_id)
    return await workshop.threads.store(workshop.store.plans.get, record.result_id)


async def _page(
    workshop: Workshop, fetch: Callable[Filters, Page[Row]], *args: Filters.args, **kwargs: Filters.kwargs
) -> Page[Row]:
    try:
        return await workshop.threads.store(fetch, *args, **kwargs)
    except InvalidPageTokenError as error:
        raise _invalid_token(error) from error


def _invalid_token(error: InvalidPageTokenError) -> InvalidRequestError:
    return InvalidRequestError((FieldViolation("page_token", str(error)),))
