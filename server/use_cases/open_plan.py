"""Opens a stored plan for questions: its problem on the roads, and who visits whom in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.coordinates import CoordinateSystem, convert
from server.errors import FieldViolation, InvalidRequestError, beside
from server.use_cases.day_plan import DayPlan
from server.use_cases.planning_request import Place, PlanningRequest, VisitRequest
from server.use_cases.prepare_problem import FIELD, PreparedProblem, compute_matrices, lay_problem_on_roads
from server.use_cases.read_plans import get_plan
from server.use_cases.workshop import Workshop


@dataclass(frozen=True, eq=False)
class OpenedPlan:
    """A stored plan and its problem.

    Parameters
    ----------
    plan
        As it is kept.
    prepared
        Its problem.
    orders
        Per worker the visits in order, as indices into the problem.
    """

    plan: DayPlan
    prepared: PreparedProblem
    orders: tuple[tuple[int, ...], ...]


async def open_plan(workshop: Workshop, plan_id: str, *, unreadable: Sequence[FieldViolation] = ()) -> OpenedPlan:
    """Open a stored plan.

    Parameters
    ----------
    workshop
        The service's tools.
    plan_id
        Its id.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    OpenedPlan
        With the travel times of the road networks as they are now.

    Raises
    ------
    NotFoundError
        There is no such plan.
    InvalidRequestError
        Where its problem cannot be stated any more, such as on a road network that has been deleted.
    """
    record = await get_plan(workshop, plan_id, unreadable=unreadable)
    request = workshop.codec.request_of_record(record)
    return await _opened(workshop, workshop.codec.plan_of_record(record), request)


async def open_plan_with_visit(
    workshop: Workshop,
    plan_id: str,
    visit: VisitRequest,
    system: CoordinateSystem | None,
    other_violations: tuple[FieldViolation, ...] = (),
    *,
    unreadable: Sequence[FieldViolation] = (),
) -> OpenedPlan:
    """Open a stored plan with one more visit, the last of its problem, that is on no route.

    Parameters
    ----------
    workshop, plan_id
        As in `open_plan`.
    visit
        The visit.
    system
        The coordinate system of its position; None where it is missing, which is one of the other violations.
    other_violations, unreadable
        What else is wrong, and what cannot be read, to be listed with the rest.

    Returns
    -------
    OpenedPlan
        The plan as it is kept, and the problem with the visit.

    Raises
    ------
    NotFoundError
        There is no such plan.
    InvalidRequestError
        With every broken rule of the visit, at the paths of `visit`.
    """
    record = await get_plan(workshop, plan_id, unreadable=() if plan_id else (*unreadable, *other_violations))
    request = workshop.codec.request_of_record(record)
    added = replace(visit, position=_in_system(visit.position, system, request.coordinate_system))
    wider = replace(request, visits=(*request.visits, added))
    try:
        return await _opened(workshop, workshop.codec.plan_of_record(record), wider, (*unreadable, *other_violations))
    except InvalidRequestError as error:
        inside = f"{FIELD}.visits[{len(request.visits)}]"
        found = (
            replace(one, field=f"visit{one.field[len(inside) :]}") if one.field.startswith(inside) else one
            for one in error.violations
        )
        raise InvalidRequestError(beside(unreadable, found)) from error


async def _opened(
    workshop: Workshop,
    plan: DayPlan,
    request: PlanningRequest,
    other_violations: tuple[FieldViolation, ...] = (),
) -> OpenedPlan:
    prepared = await compute_matrices(workshop, await lay_problem_on_roads(workshop, request, other_violations))
    number = {visit.id: index for index, visit in enumerate(request.visits)}
    orders = tuple(tuple(number[stop.visit_id] for stop in route.stops) for route in plan.routes)
    return OpenedPlan(plan, prepared, orders)


def _in_system(place: Place | None, source: CoordinateSystem | None, target: CoordinateSystem | None) -> Place | None:
    if place is None or source is None or target is None or source is target:
        return place
    earth = convert(
        np.array([place.latitude_degrees]),
        np.array([place.longitude_degrees]),
        source=source,
        target=CoordinateSystem.WGS84,
    )
    latitude, longitude = convert(*earth, source=CoordinateSystem.WGS84, target=target)
    return Place(float(latitude[0]), float(longitude[0]))
