"""Lists what is kept, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from server.errors import FieldViolation, InvalidRequestError, ViolationCode, beside, refuse
from server.storage.paging import InvalidPageTokenError
from server.storage.records import OperationRecord, Page, PlanRecord, RoadNetworkRecord, TrackRecord
from server.use_cases.identity import day_violations, id_violations
from server.use_cases.operations import OperationKind, OperationState
from server.use_cases.workshop import Workshop

Row = TypeVar("Row")


@dataclass(frozen=True)
class PageRequest:
    """Which page.

    Parameters
    ----------
    size
        Rows on the page; 0: the default.
    token
        Token of the page before; empty: the first page.
    unreadable
        What cannot be read of the request.
    """

    size: int = 0
    token: str = ""
    unreadable: tuple[FieldViolation, ...] = ()


async def list_road_networks(workshop: Workshop, page: PageRequest) -> Page[RoadNetworkRecord]:
    """Return a page of road networks, by id."""
    return await _page(workshop, workshop.store.road_networks.page, page)


async def list_plans(workshop: Workshop, page: PageRequest, *, day: str = "") -> Page[bytes]:
    """Return a page of serialized plan summaries, latest first."""
    return await _page(workshop, workshop.store.plans.page, page, day=day)


async def list_tracks(
    workshop: Workshop, page: PageRequest, *, worker_id: str = "", day: str = ""
) -> Page[TrackRecord]:
    """Return a page of tracks without their points, latest day first, then by worker."""
    return await _page(workshop, workshop.store.tracks.page, page, worker_id=worker_id, day=day)


async def list_audits(workshop: Workshop, page: PageRequest, *, worker_id: str = "", day: str = "") -> Page[bytes]:
    """Return a page of serialized audit summaries, latest first."""
    return await _page(workshop, workshop.store.audits.page, page, worker_id=worker_id, day=day)


async def list_operations(
    workshop: Workshop, page: PageRequest, *, kind: OperationKind | None = None
) -> Page[OperationRecord]:
    """Return a page of operations, latest first."""
    found = await _page(workshop, workshop.store.operations.page, page, kind="" if kind is None else kind.value)
    return Page(workshop.operations.as_they_stand(found.records), found.next_token)


async def operation_result(workshop: Workshop, record: OperationRecord) -> RoadNetworkRecord | PlanRecord | None:
    """Return what an operation has made; None where it has made nothing, or where that is gone."""
    if record.state != OperationState.SUCCEEDED.value or not record.result_id:
        return None
    if record.kind == OperationKind.IMPORT_ROAD_NETWORK.value:
        return await workshop.threads.store(workshop.store.road_networks.get, record.result_id)
    return await workshop.threads.store(workshop.store.plans.get, record.result_id)


async def _page(workshop: Workshop, fetch: Callable[..., Page[Row]], page: PageRequest, **filters: str) -> Page[Row]:
    """Fetch a page, or say everything that is wrong with the request for it."""
    violations = beside(page.unreadable, _violations(page, filters))
    # Of a request that is refused anyway, only the token is still to be looked at.
    wanted = {} if violations else filters
    try:
        found = await workshop.threads.store(fetch, size=page.size, token=page.token, **wanted)
    except InvalidPageTokenError as error:
        wrong_token = FieldViolation("page_token", ViolationCode.MALFORMED, str(error))
        raise InvalidRequestError(beside(violations, (wrong_token,))) from error
    refuse(violations)
    return found


def _violations(page: PageRequest, filters: Mapping[str, str]) -> Iterator[FieldViolation]:
    if page.size < 0:
        yield FieldViolation("page_size", ViolationCode.OUT_OF_RANGE, f"must not be negative (got {page.size})")
    if filters.get("worker_id"):
        yield from id_violations(filters["worker_id"], "worker_id")
    if filters.get("day"):
        yield from day_violations(filters["day"], "day")
