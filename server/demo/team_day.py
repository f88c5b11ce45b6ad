"""The demo's day: which customers an invented coffee wholesaler's team is asked to visit, and who is in that team."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from geo.coordinates import CoordinateSystem
from geo.geodesy import great_circles_m
from geo.roads.fingerprint import FINGERPRINT_VERSION
from server.demo.opening_hours import OpenHours
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
# Named by their form too: what an earlier release has left in the folder is another network.
CAR_NETWORK = f"helsinki-car-{FINGERPRINT_VERSION}"
FOOT_NETWORK = f"helsinki-foot-{FINGERPRINT_VERSION}"
OFFICE = Place(60.1652, 24.9478)
MINUTES_BY_KIND = {PlaceKind.CAFE: 30, PlaceKind.SHOP: 25, PlaceKind.OFFICE: 40}
LEAST_SPACING_M = 80.0
"""Between two customers: nobody sends a team to neighbouring doors, and no receiver tells them apart."""
LATEST_START_H = 15
"""The company's rule: no visit starts later where the customer opens in time. It leaves room for a day to run late."""
UNSERVED_COST_BY_PRIORITY = {1: 150.0, 2: 120.0, 3: 90.0}
MOST_VISITS = 9
"""Of one worker, so that the day has work for the whole team."""
MACHINE_SKILL = "coffee-machines"

_TEAM = (
    ("aino", "Aino", CAR_NETWORK, (MACHINE_SKILL,)),
    ("eero", "Eero", CAR_NETWORK, (MACHINE_SKILL,)),
    ("helmi", "Helmi", FOOT_NETWORK, (MACHINE_SKILL,)),
    ("onni", "Onni", FOOT_NETWORK, ()),
    ("vaino", "Väinö", FOOT_NETWORK, ()),
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
    chosen = _spread_out(choice.sample(customers, len(customers)))
    return PlanningRequest(
        workers=tuple(_worker(*member) for member in _TEAM),
        visits=tuple(_visit(customer, choice.choice((1, 2, 3))) for customer in customers if customer in chosen),
        coordinate_system=CoordinateSystem.WGS84,
        road_network=CAR_NETWORK,
        time_zone=DEMO_DAY.zone.key,
        label="A day in Helsinki",
    )


def _spread_out(customers: Sequence[Customer]) -> list[Customer]:
    """Choose customers, cafés first, each far enough from the office and from those chosen before."""
    chosen: list[Customer] = []
    places = [(OFFICE.latitude_degrees, OFFICE.longitude_degrees)]
    for customer in sorted(customers, key=lambda customer: customer.kind is not PlaceKind.CAFE):
        here = customer.latitude_degrees, customer.longitude_degrees
        if (great_circles_m(*here, *np.array(places).T) >= LEAST_SPACING_M).all():
            chosen.append(customer)
            places.append(here)
    return chosen


def _worker(worker_id: str, name: str, network: str, skills: tuple[str, ...]) -> WorkerRequest:
    """Make a worker who has half an hour for lunch."""
    return WorkerRequest(
        id=worker_id,
        label=name,
        road_network=network,
        shift=TimeSpan(DEMO_DAY.unix_s(8, 30), DEMO_DAY.unix_s(17, 0)),
        start_position=OFFICE,
        end_position=OFFICE,
        max_visits=MOST_VISITS,
        skills=skills,
        breaks=(BreakRequest(DEMO_DAY.unix_s(11, 30), DEMO_DAY.unix_s(13, 0), 30 * 60),),
    )


def _visit(customer: Customer, priority: int) -> VisitRequest:
    """Make the visit that starts and ends while the place is open."""
    duration_s = MINUTES_BY_KIND[customer.kind] * 60
    return VisitRequest(
        id=customer.id,
        label=f"{customer.name} ({customer.kind.value})",
        position=Place(customer.latitude_degrees, customer.longitude_degrees),
        duration_s=duration_s,
        time_windows=tuple(_window(hours, duration_s) for hours in customer.hours),
        required_skills=(MACHINE_SKILL,) if customer.kind is PlaceKind.CAFE else (),
        unserved_cost=UNSERVED_COST_BY_PRIORITY[priority],
        priority=priority,
    )


def _window(hours: OpenHours, duration_s: int) -> TimeSpan:
    """Say when the visit may start; where the place opens after the latest start, it opens for nobody of the team."""
    midnight_s = DEMO_DAY.unix_s(0, 0)
    opens_s, closes_s = midnight_s + hours.start_s, midnight_s + hours.end_s
    last_s = closes_s - duration_s
    latest_s = DEMO_DAY.unix_s(LATEST_START_H, 0)
    return TimeSpan(opens_s, min(last_s, latest_s) if opens_s <= latest_s else last_s)
