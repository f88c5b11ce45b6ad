"""The whole loop on a real city: import, plan, drive, audit. Only the drive is simulated, the rest is the service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geo.coordinates import CoordinateSystem
from geo.geodesy import great_circles_m
from server.demo.executed_day import DayScript, ExecutedDay, Roads, execute_day
from server.demo.places import HELSINKI_FILE, Customer, customers_open_on
from server.demo.team_day import CAR_NETWORK, DEMO_DAY, FOOT_NETWORK, demo_request
from server.storage.track_codec import PointColumns
from server.use_cases.audit_track import audit_track
from server.use_cases.build_plan import PlanEvent, PlanImproved, build_plan
from server.use_cases.day_audit import AuditRequest, DayAudit
from server.use_cases.day_plan import DayPlan, DayRoute
from server.use_cases.import_network import ImportRequest, import_road_network
from server.use_cases.planning_request import Place, SearchOptions
from server.use_cases.recorded_track import GivenTrack
from server.use_cases.workshop import Workshop

SIMULATED = (
    "The tracks and claims in this report were made by a program with the seed {seed}; nobody drove them. "
    "The roads and the places are real."
)
MOST_SEARCH_S = 120.0
"""The search ends by its work long before; this is for a machine that stands still."""
_COMPILE = "from server.compute.warm_up import warm_up; warm_up()"
_LEAST_STOPS = 4
_UNPLANNED_DISTANCE_M = (150.0, 500.0)
PADDED_CLAIM = 1.5

OnStage = Callable[[str, float], None]
"""Called with what is being done and the share that is done."""


@dataclass(frozen=True, eq=False)
class DemoDay:
    """What the demo made.

    Parameters
    ----------
    plan
        The plan.
    executed, audits
        The simulated day and its audit, by worker in the order of `plan.routes`; workers without stops are left out.
    seed
        What chance was made from.
    """

    plan: DayPlan
    executed: dict[str, ExecutedDay]
    audits: dict[str, DayAudit]
    seed: int

    @property
    def simulated(self) -> str:
        """The sentence that says what is simulated."""
        return SIMULATED.format(seed=self.seed)


async def run_demo(workshop: Workshop, *, seed: int, work_limit: int, on_stage: OnStage) -> DemoDay:
    """Plan, drive and audit a day in Helsinki.

    Parameters
    ----------
    workshop
        The service's tools.
    seed
        Decides which customers are visited, and what happens on the way.
    work_limit
        Steps of search for the plan.
    on_stage
        Hears how far the work has come.

    Returns
    -------
    DemoDay
        Plan, simulated days and audits.
    """
    on_stage("importing the roads of Helsinki, by car", 0.0)
    workshop.solvers.start()
    compiling = asyncio.create_task(_compile_in_another_process())
    await import_road_network(workshop, ImportRequest(HELSINKI_FILE, "car", CAR_NETWORK))
    on_stage("importing the roads of Helsinki, on foot", 0.05)
    await import_road_network(workshop, ImportRequest(HELSINKI_FILE, "foot", FOOT_NETWORK))
    customers = customers_open_on(DEMO_DAY.day.weekday())
    request = demo_request(customers, seed=seed)
    on_stage("computing travel times", 0.1)

    def on_event(event: PlanEvent) -> None:
        if isinstance(event, PlanImproved):
            planned = len(request.visits) - event.unplanned_count
            on_stage(f"planning: {planned} of {len(request.visits)} visits, cost {event.cost:,.0f}", 0.3)

    options = SearchOptions(MOST_SEARCH_S, seed, work_limit=work_limit)
    plan = await build_plan(workshop, request, options, on_event=on_event)
    on_stage("compiling the map matcher, once per installation", 0.5)
    await compiling
    used = [route for route in plan.routes if route.stops]
    stories = _order_of_stories(used)
    spare = _spare_customers(customers, plan)
    executed, audits = {}, {}
    for number, route in enumerate(used):
        name = route.worker_label
        on_stage(f"simulating {name}'s day", 0.5 + 0.5 * number / len(used))
        day = await _execute(workshop, route, _script(stories.index(number), route, spare), seed=seed + number)
        on_stage(f"matching and auditing {name}'s track", 0.5 + 0.5 * (number + 0.2) / len(used))
        audits[route.worker_id] = await _audit(workshop, plan, route, day)
        executed[route.worker_id] = day
    return DemoDay(plan, executed, audits, seed)


async def _compile_in_another_process() -> None:
    """Compile what auditing needs while this process imports and plans; what fails there is compiled here later."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _COMPILE)
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()


def _order_of_stories(routes: Sequence[DayRoute]) -> list[int]:
    """Order routes by how much can happen on them; the shortest gets the story that needs no stops: a padded claim."""
    return sorted(range(len(routes)), key=lambda number: -len(routes[number].stops))


def _script(number: int, route: DayRoute, spare: Sequence[Customer]) -> DayScript:
    """Give each worker of the team another story; a day of few stops is driven as planned, but claimed too high."""
    middle = len(route.stops) // 2
    if len(route.stops) < _LEAST_STOPS:
        return DayScript(claimed_share=PADDED_CLAIM)
    stories = (
        DayScript(detour_before_stop=middle, claimed_share=1.0),
        DayScript(missed_stop=_loneliest_stop(route)),
        DayScript(unplanned_after_stop=middle, unplanned_place=_unplanned_place(route, middle, spare)),
        DayScript(gap_before_stop=middle),
        DayScript(claimed_share=PADDED_CLAIM),
    )
    return stories[number % len(stories)]


def _loneliest_stop(route: DayRoute) -> int:
    """Choose the stop that lies farthest from all others: that it was missed can then be seen."""

    def nearest_other_m(index: int) -> float:
        here = route.stops[index].position
        return min(_distance_m(here, stop.position) for other, stop in enumerate(route.stops) if other != index)

    return max(range(len(route.stops)), key=nearest_other_m)


def _spare_customers(customers: Sequence[Customer], plan: DayPlan) -> list[Customer]:
    """Find the customers whom nobody is to visit."""
    asked = {stop.visit_id for route in plan.routes for stop in route.stops}
    asked |= {visit.visit_id for visit in plan.unplanned}
    return [customer for customer in customers if customer.id not in asked]


def _unplanned_place(route: DayRoute, index: int, spare: Sequence[Customer]) -> Place | None:
    """Choose the nearest place to a stop that cannot be mistaken for any stop of the route."""
    here = route.stops[index].position
    least_m, most_m = _UNPLANNED_DISTANCE_M
    choices = []
    for customer in spare:
        place = Place(customer.latitude_degrees, customer.longitude_degrees)
        nearest_m = min(_distance_m(place, stop.position) for stop in route.stops)
        if nearest_m >= least_m and _distance_m(place, here) <= most_m:
            choices.append((_distance_m(place, here), place.latitude_degrees, place.longitude_degrees))
    return Place(*min(choices)[1:]) if choices else None


def _distance_m(one: Place, other: Place) -> float:
    return float(
        great_circles_m(one.latitude_degrees, one.longitude_degrees, other.latitude_degrees, other.longitude_degrees)
    )


async def _execute(workshop: Workshop, route: DayRoute, script: DayScript, *, seed: int) -> ExecutedDay:
    opened = await workshop.networks.get(route.road_network)
    roads = Roads(opened.router, opened.snapper)
    return await workshop.threads.compute(lambda: execute_day(route, roads, script, seed=seed))


async def _audit(workshop: Workshop, plan: DayPlan, route: DayRoute, day: ExecutedDay) -> DayAudit:
    points = PointColumns(**vars(day.track))
    request = AuditRequest(
        worker_id=route.worker_id,
        plan_id=plan.id,
        source=GivenTrack(points, CoordinateSystem.WGS84),
        claimed_m=day.claimed_m,
        label="simulated",
    )
    return await audit_track(workshop, request)
