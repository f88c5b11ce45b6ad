"""The demo's day: which customers an invented coffee wholesaler's team is asked to visit, and who is in that team."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from geo.coordinates import CoordinateSystem
from server.demo.places import Customer, PlaceKind
from server.use_cases.planning_request import (
    BreakRequest,
    Place,
    PlanningRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)
from server.working_day import WorkingDay

DEMO_DAY = WorkingDay(date(2026, 9, 15), ZoneInfo("Europe/Helsinki"))
CAR_NETWORK = "helsinki-car"
FOOT_NETWORK = "helsinki-foot"
OFFICE = Place(60.1652, 24.9478)
VISITS_BY_KIND = {PlaceKind.CAFE: 24, PlaceKind.SHOP: 34, PlaceKind.OFFICE: 6}
MINUTES_BY_KIND = {PlaceKind.CAFE: 20, PlaceKind.SHOP: 15, PlaceKind.OFFICE: 30}
UNSERVED_COST_BY_PRIORITY = {1: 90.0, 2: 60.0, 3: 40.0}
MACHINE_SKILL = "coffee-machines"

_TEAM = (
    ("aino", "Aino", CAR_NETWORK),
    ("eero", "Eero", CAR_NETWORK),
    ("helmi", "Helmi", FOOT_NETWORK),
    ("onni", "Onni", FOOT_NETWORK),
    ("vaino", "Väinö", FOOT_NETWORK),
)


def demo_request(customers: Sequence[Customer], *, seed: int) -> PlanningRequest:
    """Make up the day of the demo.

    Parameters
    ----------
    customers
        Places that are open on `DEMO_DAY`.
    seed
        Decides which of them are to be visited.

    Returns
    -------
    PlanningRequest
        Visits in the order of `customers`; workers by car first.
    """
    choice = random.Random(seed)
    chosen: set[str] = set()
    for kind, count in VISITS_BY_KIND.items():
        candidates = [customer.id for customer in customers if customer.kind is kind]
        chosen |= set(choice.sample(candidates, min(count, len(candidates))))
    return PlanningRequest(
        workers=tuple(_worker(worker_id, name, network) for worker_id, name, network in _TEAM),
        visits=tuple(_visit(customer, choice.choice((1, 2, 3))) for customer in customers if customer.id in chosen),
        coordinate_system=CoordinateSystem.WGS84,
        road_network=CAR_NETWORK,
        time_zone=DEMO_DAY.zone.key,
        label="A day in Helsinki",
    )


def _worker(worker_id: str, name: str, network: str) -> WorkerRequest:
    """Make a worker who has half an hour for lunch; those by car carry the tools for coffee machines."""
    return WorkerRequest(
        id=worker_id,
        label=name,
        road_network=network,
        shift=TimeSpan(DEMO_DAY.unix_s(8, 30), DEMO_DAY.unix_s(16, 30)),
        start_position=OFFICE,
        end_position=OFFICE,
        skills=(MACHINE_SKILL,) if network == CAR_NETWORK else (),
        breaks=(BreakRequest(DEMO_DAY.unix_s(11, 30), DEMO_DAY.unix_s(13, 0), 30 * 60),),
    )


def _visit(customer: Customer, priority: int) -> VisitRequest:
    """Make the visit that starts and ends while the place is open."""
    duration_s = MINUTES_BY_KIND[customer.kind] * 60
    midnight_s = DEMO_DAY.unix_s(0, 0)
    return VisitRequest(
        id=customer.id,
        label=f"{customer.name} ({customer.kind.value})",
        position=Place(customer.latitude_degrees, customer.longitude_degrees),
        duration_s=duration_s,
        time_windows=tuple(
            TimeSpan(midnight_s + hours.start_s, midnight_s + hours.end_s - duration_s)
            for hours in customer.hours
            if hours.end_s - hours.start_s >= duration_s
        ),
        required_skills=(MACHINE_SKILL,) if customer.kind is PlaceKind.CAFE else (),
        unserved_cost=UNSERVED_COST_BY_PRIORITY[priority],
        priority=priority,
    )
