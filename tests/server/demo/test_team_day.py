"""The demo's customers and team."""

from __future__ import annotations

import numpy as np

from geo.geodesy import great_circles_m
from server.demo.places import CREDIT, HELSINKI_FILE, PlaceKind, customers_open_on
from server.demo.team_day import (
    DEMO_DAY,
    LATEST_START_H,
    LEAST_SPACING_M,
    MACHINE_SKILL,
    MOST_VISITS,
    demo_request,
)

CUSTOMERS = customers_open_on(DEMO_DAY.day.weekday())


def test_customers_are_named_places_that_are_open() -> None:
    """Every customer has a name, a kind, a place inside the extract and opening hours on the day."""
    assert len(CUSTOMERS) == 290
    assert {customer.kind for customer in CUSTOMERS} == set(PlaceKind)
    assert all(customer.name and customer.hours for customer in CUSTOMERS)
    assert all(60.16 < customer.latitude_degrees < 60.18 for customer in CUSTOMERS)


def test_a_seed_decides_which_customers_are_visited() -> None:
    """The same seed asks for the same visits, another for others; every request fills the team's day."""
    first, again, other = (demo_request(CUSTOMERS, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert {visit.id for visit in first.visits} != {visit.id for visit in other.visits}
    assert 40 <= len(first.visits) <= 5 * MOST_VISITS


def test_customers_who_are_visited_are_no_neighbours() -> None:
    """Between any two visits lies at least the spacing that the story promises."""
    visits = demo_request(CUSTOMERS, seed=1).visits
    places = np.array(
        [(visit.position.latitude_degrees, visit.position.longitude_degrees) for visit in visits if visit.position]
    )
    latitude, longitude = places.T
    distances_m = great_circles_m(latitude[:, None], longitude[:, None], latitude, longitude)
    assert distances_m[~np.eye(len(visits), dtype=bool)].min() >= LEAST_SPACING_M


def test_a_visit_fits_into_the_opening_hours() -> None:
    """The last start leaves room for the visit, and is not after the company's latest where the place opens in time."""
    hours = {customer.id: customer.hours for customer in CUSTOMERS}
    midnight_s = DEMO_DAY.unix_s(0, 0)
    for visit in demo_request(CUSTOMERS, seed=1).visits:
        for window, span in zip(visit.time_windows, hours[visit.id], strict=True):
            assert window.start_s == midnight_s + span.start_s
            assert window.end_s + visit.duration_s <= midnight_s + span.end_s
            assert window.end_s <= DEMO_DAY.unix_s(LATEST_START_H, 0) or span.start_s > LATEST_START_H * 3600
        assert (MACHINE_SKILL in visit.required_skills) == visit.label.endswith("(café)")


def test_the_credit_lies_beside_the_data() -> None:
    """Map data is never without its credit."""
    assert "© OpenStreetMap contributors" in CREDIT
    assert "© OpenStreetMap contributors" in (HELSINKI_FILE.parent / "CREDITS.md").read_text(encoding="utf-8")
