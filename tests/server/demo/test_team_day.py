"""The demo's customers and team."""

from __future__ import annotations

from server.demo.places import CREDIT, HELSINKI_FILE, PlaceKind, customers_open_on
from server.demo.team_day import DEMO_DAY, MACHINE_SKILL, VISITS_BY_KIND, demo_request

CUSTOMERS = customers_open_on(DEMO_DAY.day.weekday())


def test_customers_are_named_places_that_are_open() -> None:
    """Every customer has a name, a kind, a place inside the extract and opening hours on the day."""
    assert len(CUSTOMERS) == 290
    assert {customer.kind for customer in CUSTOMERS} == set(PlaceKind)
    assert all(customer.name and customer.hours for customer in CUSTOMERS)
    assert all(60.16 < customer.latitude_degrees < 60.18 for customer in CUSTOMERS)


def test_the_request_holds_the_customers_of_each_kind_that_the_story_asks_for() -> None:
    """A seed decides which customers are visited, not how many of each kind."""
    first, again, other = (demo_request(CUSTOMERS, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert {visit.id for visit in first.visits} != {visit.id for visit in other.visits}
    assert len(first.visits) == len(other.visits) == sum(VISITS_BY_KIND.values())


def test_a_visit_ends_before_the_place_closes() -> None:
    """The last start of a visit leaves room for its duration within the opening hours."""
    hours = {customer.id: customer.hours for customer in CUSTOMERS}
    midnight_s = DEMO_DAY.unix_s(0, 0)
    for visit in demo_request(CUSTOMERS, seed=1).visits:
        closing = [midnight_s + span.end_s for span in hours[visit.id]]
        assert [window.end_s + visit.duration_s for window in visit.time_windows] == closing
        assert (MACHINE_SKILL in visit.required_skills) == visit.label.endswith("(café)")


def test_the_credit_lies_beside_the_data() -> None:
    """Map data is never without its credit."""
    assert "© OpenStreetMap contributors" in CREDIT
    assert "© OpenStreetMap contributors" in (HELSINKI_FILE.parent / "CREDITS.md").read_text(encoding="utf-8")
