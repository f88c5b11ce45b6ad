"""Where the way left the plan: found with its metres and cause, and never found where only noise left it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.audit.cell_corridor import CorridorOptions
from geo.audit.deviation import DeviationOptions, Journey, PlanGeometry, find_deviations
from geo.audit.planned_day import PlannedDay
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import Deviation, DeviationCause
from geo.audit.travelled_pieces import cut_into_pieces
from geo.audit.visit_options import VisitOptions
from geo.tracks.stays import Stay
from tests.ascii_road_map import ascii_road_map
from tests.geo.audit.hand_made_day import FinishedDay, HandMadeDay
from tests.geo.audit.planned_drive import planned_drive

TOWN = ascii_road_map(
    """
    A---------B---------C---------D---------I
              |         |         |
              |         |         |
              |    5    |         |
              E---------F---------G
              |         |
              J         |
                        |
                        H
    """,
    {"ABCDI": {}, "EFG": {}, "BEJ": {}, "CFH": {}, "DG": {}},
    grid_m=50.0,
)
STRAIGHT = planned_drive(TOWN, "ABCDI")
BLOCK_M, DOWN_M = 500.0, 200.0


def deviations_of(
    day: FinishedDay, plan: PlannedDay = STRAIGHT, *, unplanned: tuple[Stay, ...] = (), **options: float
) -> tuple[Deviation, ...]:
    """Find the deviations of a hand-made day."""
    seen = SeenPoints.of_track(day.track, np.ones(len(day.track), dtype=bool), VisitOptions())
    journey = Journey(day.match, cut_into_pieces(day.track, day.match, TOWN.network), seen, unplanned)
    return find_deviations(PlanGeometry.of_day(plan, CorridorOptions()), journey, DeviationOptions(**options))


@pytest.mark.parametrize("noise_m", [0.0, 10.0, 25.0])
@pytest.mark.parametrize("every_s", [1.0, 60.0])
def test_following_the_plan_is_no_deviation(noise_m: float, every_s: float) -> None:
    """A day along the planned roads deviates nowhere, however noisy or sparse the recording."""
    assert deviations_of(HandMadeDay(TOWN, "A", noise_m=noise_m, every_s=every_s).drive("ABCDI").finish()) == ()


def test_a_detour_has_its_times_and_metres() -> None:
    """A way around a block starts and ends where it leaves and rejoins the plan, and says how much longer it was."""
    day = HandMadeDay(TOWN, "A").drive("AB").drive("BEFC").drive("CDI").finish()
    (deviation,) = deviations_of(day)
    detour = day.match.segments[1]
    assert deviation.start_ms == pytest.approx(detour.start_ms, abs=100)
    assert deviation.end_ms == pytest.approx(detour.end_ms, abs=100)
    assert deviation.length_m == pytest.approx(detour.length_m, rel=0.01)
    assert deviation.extra_m == pytest.approx(2 * DOWN_M, abs=25)
    assert deviation.peak_distance_m == pytest.approx(DOWN_M, abs=12)
    assert deviation.cause is DeviationCause.UNEXPLAINED


def test_a_shortcut_has_negative_extra_metres() -> None:
    """Who leaves a planned loop out drives less than planned."""
    (deviation,) = deviations_of(HandMadeDay(TOWN, "A").drive("ABC").finish(), planned_drive(TOWN, "ABEFC"))
    assert deviation.extra_m == pytest.approx(-2 * DOWN_M, abs=25)


def test_a_detour_across_a_later_part_of_the_plan_counts_from_where_it_left() -> None:
    """Crossing a road that is planned for later is not progress to there: the metres replaced are those left out."""
    plan = planned_drive(TOWN, "ABCDGFH")
    (deviation,) = deviations_of(HandMadeDay(TOWN, "A").drive("AB").drive("BEFC").drive("CDGFH").finish(), plan)
    assert deviation.extra_m == pytest.approx(2 * DOWN_M, abs=25)


def test_never_coming_back_replaces_nothing() -> None:
    """Where the plan is left for good, all metres of the deviation are extra."""
    (deviation,) = deviations_of(HandMadeDay(TOWN, "A").drive("ABEJ").finish())
    assert deviation.extra_m == pytest.approx(deviation.length_m)
    assert deviation.length_m == pytest.approx(DOWN_M + 100.0, rel=0.05)


@pytest.mark.parametrize(("rejoin_m", "expected"), [(0.0, 2), (250.0, 1)])
def test_crossing_the_plan_does_not_end_a_deviation(rejoin_m: float, expected: int) -> None:
    """A way that comes back to the plan only to cross it is one deviation, not two."""
    day = HandMadeDay(TOWN, "E").drive("EBCF").drive("FHF").drive("FG").finish()
    assert len(deviations_of(day, planned_drive(TOWN, "EFG"), rejoin_m=rejoin_m, extend_m=0.0)) == expected


def test_short_ways_aside_are_none() -> None:
    """A way aside that is shorter than the limit is no deviation."""
    aside = HandMadeDay(TOWN, "A").drive("ABEFC").drive("CDI").finish()
    assert deviations_of(aside, min_length_m=5000.0) == ()
    assert len(deviations_of(aside, min_length_m=300.0)) == 1


def test_a_way_that_no_fix_saw_accuses_nobody() -> None:
    """Where the detour is only inferred between two fixes on the plan, it is not said to have happened."""
    seen = HandMadeDay(TOWN, "A").drive("AB").drive("BEFC").drive("CDI").finish()
    unseen = HandMadeDay(TOWN, "A", every_s=600.0).drive("AB").drive("BEFC").drive("CDI").finish()
    assert len(deviations_of(seen)) == 1
    assert deviations_of(unseen) == ()


@pytest.mark.parametrize(
    ("day", "cause"),
    [
        (HandMadeDay(TOWN, "A").drive("ABE").drive("EFC").drive("CDI"), DeviationCause.UNEXPLAINED),
        (HandMadeDay(TOWN, "A").drive("ABE").gap("F", minutes=30).drive("FC").drive("CDI"), DeviationCause.DATA_GAP),
        (HandMadeDay(TOWN, "A").drive("AB").off_road("5").off_road("C").drive("CDI"), DeviationCause.OFF_ROAD),
    ],
)
def test_the_cause_is_read_from_the_match(day: HandMadeDay, cause: DeviationCause) -> None:
    """A deviation mostly in a gap, or mostly off the roads, says so."""
    (deviation,) = deviations_of(day.finish())
    assert deviation.cause is cause


def test_an_unplanned_stop_is_the_likeliest_cause() -> None:
    """A deviation with a stop that nobody planned was made for that stop."""
    day = HandMadeDay(TOWN, "A").drive("ABE").stay(minutes=10).drive("EFC").drive("CDI").finish()
    stay = day.match.segments[1]
    stop = Stay(stay.first_point, stay.last_point, stay.start_ms, stay.end_ms, *TOWN.place("E"), 5.0)
    (deviation,) = deviations_of(day, unplanned=(stop,))
    assert deviation.cause is DeviationCause.UNPLANNED_STOP


@pytest.mark.parametrize(("places", "expected"), [(0, 0), (2, 1)])
def test_the_way_to_an_open_start_is_nobodys_deviation(places: int, expected: int) -> None:
    """A route that starts at its first customer says nothing about the way there; one from a depot does."""
    plan = planned_drive(TOWN, "FG")
    plan = replace(plan, known_places=plan.known_places[:places])
    assert len(deviations_of(HandMadeDay(TOWN, "A").drive("ABEF").drive("FG").finish(), plan)) == expected


def test_a_customer_beside_the_road_belongs_to_the_plan() -> None:
    """Going up to a customer's door off the road is no deviation; the same way without a customer is."""
    way = HandMadeDay(TOWN, "A").drive("AB").off_road("5").off_road("C").drive("CDI").finish()
    stop = planned_drive(TOWN, "ABCDI", {"B": 1}).stops[0]
    latitude, longitude = TOWN.place("5")
    customer = replace(stop, latitude_degrees=latitude, longitude_degrees=longitude, radius_m=280.0)
    assert deviations_of(way, replace(STRAIGHT, stops=(customer,))) == ()
    assert len(deviations_of(way)) == 1


def test_nothing_can_be_left_without_a_plan_or_a_way() -> None:
    """No path, or no observed way, has no deviations."""
    nowhere = replace(STRAIGHT, path_latitude_degrees=np.empty(0), path_longitude_degrees=np.empty(0))
    assert deviations_of(HandMadeDay(TOWN, "A").drive("ABEF").finish(), nowhere) == ()
    assert deviations_of(HandMadeDay(TOWN, "A").stay(minutes=5).finish()) == ()


def test_without_planned_edges_the_corridor_alone_decides() -> None:
    """A plan whose edges are not known finds the same detour, from rim to rim of the corridor."""
    day = HandMadeDay(TOWN, "A").drive("AB").drive("BEFC").drive("CDI").finish()
    (deviation,) = deviations_of(day, replace(STRAIGHT, edges=np.empty(0, np.int32)))
    (exact,) = deviations_of(day)
    assert exact.start_ms < deviation.start_ms < deviation.end_ms < exact.end_ms
    assert deviation.extra_m == pytest.approx(exact.extra_m, abs=200.0)


def test_senseless_options_are_refused() -> None:
    """A negative length names itself."""
    with pytest.raises(ValueError, match=r"rejoin_m must not be negative \(got -1.0\)"):
        DeviationOptions(rejoin_m=-1.0)
