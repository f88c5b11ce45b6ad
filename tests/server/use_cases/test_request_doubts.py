"""Which visits look like one customer asked for twice, against comparing each visit with all before it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from geo.geodesy import METRES_PER_DEGREE
from server.use_cases.planning_request import Place, PlanningRequest, VisitRequest
from server.use_cases.request_doubts import MOST_OF_A_KIND, SAME_PLACE_M, request_doubts

STEPS_M = (0.0, 4.0, 4.9, 5.1, 9.5, 12.0)
LABELS = ("", " ", "Kiosk", "kiosk ", "Bakery")


def naive_doubles(request: PlanningRequest) -> list[str]:
    """Compare each visit with all before it, at the equator, where a degree is as long both ways."""
    found = []
    for index, visit in enumerate(request.visits):
        for first in request.visits[:index]:
            assert visit.position is not None
            assert first.position is not None
            apart = math.dist(
                (visit.position.latitude_degrees, visit.position.longitude_degrees),
                (first.position.latitude_degrees, first.position.longitude_degrees),
            )
            one, other = visit.label.strip().casefold(), first.label.strip().casefold()
            if apart * METRES_PER_DEGREE <= SAME_PLACE_M and (one == other or not one or not other):
                found.append(f"visits[{index}]")
                break
    return found


@given(st.lists(st.tuples(st.sampled_from(STEPS_M), st.sampled_from(STEPS_M), st.sampled_from(LABELS)), max_size=12))
def test_the_visits_named_are_those_that_look_like_one_before(drawn: list[tuple[float, float, str]]) -> None:
    """Within five metres, with the same label however it is written, or at most one label: nothing else."""
    visits = tuple(
        VisitRequest(f"v{number}", Place(north / METRES_PER_DEGREE, east / METRES_PER_DEGREE), label=label)
        for number, (north, east, label) in enumerate(drawn)
    )
    request = PlanningRequest((), visits, None)
    named = [one.field for one in request_doubts(request)]
    assert len(named) <= MOST_OF_A_KIND
    assert named == naive_doubles(request)
