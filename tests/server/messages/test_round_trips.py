"""Plans and problems survive being written as messages and read back, whatever is in them."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.coordinates import CoordinateSystem
from optimizer.plan import UnplannedReason
from optimizer.problem import BalanceMeasure
from server.messages.plans import plan_message, plan_of_message, plan_summary
from server.messages.problems import planning_request_of_message
from server.messages.written_problems import problem_message
from server.use_cases.day_plan import (
    DayBreak,
    DayLeg,
    DayPlan,
    DayRoute,
    DayStop,
    DayUnplanned,
    PlanState,
    StopReason,
)
from server.use_cases.departure import ClassSpeeds, Departure
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.planning_request import (
    BalanceRequest,
    BreakRequest,
    DeliveryRequest,
    DrivingRestRequest,
    FurtherShiftRequest,
    KnownTravel,
    PinEvent,
    PinRequest,
    Place,
    PlaceOfProblem,
    PlanningRequest,
    PrecedenceRequest,
    ReloadRequest,
    SequenceRequest,
    SkillDurationRequest,
    SkillLevelRequest,
    SoftLimitsRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)

words = st.text("abcdefg-é公里", min_size=0, max_size=8)
names = st.text("abcdefg", min_size=1, max_size=8)
seconds = st.integers(0, 2_000_000_000)
places = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))
spans = st.builds(TimeSpan, seconds, seconds)
money = st.floats(0, 1e6)
tuples = st.lists(words, max_size=3).map(tuple)

levels = st.lists(st.builds(SkillLevelRequest, names, st.integers(1, 9)), max_size=2).map(tuple)
groups = st.lists(st.lists(names, max_size=3).map(tuple), max_size=2).map(tuple)
soft_limits = st.builds(
    SoftLimitsRequest,
    st.none() | st.integers(0, 9),
    money,
    st.none() | money,
    money,
    st.none() | seconds,
    money,
    st.none() | seconds,
    money,
)
breaks = st.builds(BreakRequest, seconds, seconds, st.integers(0, 10_000))
further_shifts = st.builds(FurtherShiftRequest, spans, st.lists(breaks, max_size=2).map(tuple), st.none() | seconds)
workers = st.builds(
    WorkerRequest,
    id=names,
    shift=spans,
    label=words,
    road_network=words,
    start_position=st.none() | places,
    end_position=st.none() | places,
    skills=tuples,
    max_visits=st.none() | st.integers(0, 100),
    max_distance_m=st.none() | money,
    max_duration_s=st.none() | seconds,
    capacity=st.none() | st.integers(0, 100),
    breaks=st.lists(breaks, max_size=2).map(tuple),
    fixed_cost=money,
    cost_per_hour=money,
    cost_per_kilometer=money,
    skill_levels=levels,
    travel_factor=money,
    service_factor=money,
    zones=tuples,
    max_travel_s=st.none() | seconds,
    soft_limits=soft_limits,
    regular_end_s=st.none() | seconds,
    overtime_cost_per_hour=money,
    further_shifts=st.lists(further_shifts, max_size=2).map(tuple),
    area_center_position=st.none() | places,
    cost_per_kilometer_from_center=money,
    driving_rest=st.none() | st.builds(DrivingRestRequest, seconds, seconds),
    reload=st.none() | st.builds(ReloadRequest, st.none() | places, seconds, st.none() | st.integers(0, 9), money),
)
visits = st.builds(
    VisitRequest,
    id=names,
    position=st.none() | places,
    label=words,
    duration_s=st.integers(0, 100_000),
    time_windows=st.lists(spans, max_size=2).map(tuple),
    required_skills=tuples,
    unserved_cost=st.none() | money,
    priority=st.integers(1, 5),
    load=st.integers(0, 100),
    required_skill_levels=levels,
    skill_durations=st.lists(st.builds(SkillDurationRequest, names, seconds), max_size=2).map(tuple),
    setup_s=seconds,
    zone=words,
    allowed_worker_ids=tuples,
    forbidden_worker_ids=tuples,
    preferred_worker_ids=tuples,
    not_preferred_cost=money,
    pin=st.none() | st.builds(PinRequest, words, st.none() | seconds, st.none() | st.sampled_from(PinEvent)),
    soft_time_windows=st.lists(spans, max_size=2).map(tuple),
    cost_per_hour_early=money,
    cost_per_hour_late=money,
)
ends = st.builds(PlaceOfProblem, visit_id=names) | st.builds(PlaceOfProblem, worker_id=names)
known_travels = st.builds(KnownTravel, ends, ends, seconds, money) | st.builds(
    KnownTravel, ends, ends, is_unreachable=st.just(value=True)
)
speeds = st.builds(ClassSpeeds, words, st.lists(money, max_size=3).map(tuple))
departures = st.builds(Departure, st.none() | seconds, words, st.booleans(), st.lists(speeds, max_size=2).map(tuple))
requests = st.builds(
    PlanningRequest,
    departure=st.none() | departures,
    known_travels=st.lists(known_travels, max_size=3).map(tuple),
    same_worker_groups=groups,
    different_worker_groups=groups,
    separate_groups=groups,
    sequences=st.lists(st.builds(SequenceRequest, tuples, st.booleans()), max_size=2).map(tuple),
    precedences=st.lists(st.builds(PrecedenceRequest, names, names, seconds), max_size=2).map(tuple),
    balance=st.none() | st.builds(BalanceRequest, st.none() | st.sampled_from(BalanceMeasure), money),
    deliveries=st.lists(st.builds(DeliveryRequest, names, names, st.integers(0, 9)), max_size=2).map(tuple),
    workers=st.lists(workers, max_size=2).map(tuple),
    visits=st.lists(visits, max_size=2).map(tuple),
    coordinate_system=st.none() | st.sampled_from(CoordinateSystem),
    road_network=words,
    time_zone=names,
    label=words,
    max_snap_distance_m=money,
    lowest_strict_priority=st.integers(0, 5),
    not_before_s=st.none() | seconds,
)


@given(requests)
def test_a_problem_comes_back_as_it_was(request: PlanningRequest) -> None:
    """What is asked for is read back equal, unset limits and zeros told apart."""
    assert planning_request_of_message(problem_message(request)) == request


def example_plan() -> DayPlan:
    """A plan that uses every field."""
    shift = TimeSpan(1_772_438_400, 1_772_467_200)
    stop = DayStop("v", "The shop", Place(60.1, 24.9), 1_772_440_000, 1_772_440_060, 1_772_441_000, shift, 60, 20, 40)
    line = np.array([60.1, 60.2]), np.array([24.9, 25.0])
    route = DayRoute(
        worker_id="anna",
        worker_label="Anna",
        road_network="town-car",
        network_fingerprint="ab",
        shift=shift,
        start_s=1_772_439_000,
        end_s=1_772_442_000,
        stops=(stop, dataclasses.replace(stop, visit_id="w", time_window=None)),
        legs=(DayLeg(None, 0, 60, 500.0, *line), DayLeg(0, 1, 0, 0.0, *line), DayLeg(1, None, 90, 700.5, *line)),
        breaks=(DayBreak(1_772_441_000, 600, shift),),
        cost=12.345,
        start_position=Place(60.1, 24.9),
        end_position=None,
    )
    idle = dataclasses.replace(route, worker_id="bo", start_s=None, end_s=None, stops=(), legs=(), breaks=(), cost=0.0)
    return DayPlan(
        id="p",
        label="monday",
        state=PlanState.DRAFT,
        create_ms=1_772_400_000_123,
        day="2026-03-02",
        time_zone="Europe/Helsinki",
        routes=(route, idle),
        unplanned=(DayUnplanned("x", "Pool", UnplannedReason.NO_WORKER_WITH_SKILLS, "nobody dives"),),
        cost=17.345,
        engine="ortools",
        search_s=2.5,
        stop_reason=StopReason.TIME_LIMIT,
        notices=(Notice(NoticeCode.FAR_FROM_ROAD, "problem.visits[0]", "far"),),
    )


def test_a_plan_comes_back_as_it_was() -> None:
    """Every field of a plan survives, the geometry included."""
    plan = example_plan()
    message = plan_message(plan)
    assert plan_message(plan_of_message(message)) == message
    read = plan_of_message(message)
    assert (read.id, read.create_ms, read.cost, read.notices) == (plan.id, plan.create_ms, plan.cost, plan.notices)
    np.testing.assert_array_equal(read.routes[0].legs[0].latitude_degrees, plan.routes[0].legs[0].latitude_degrees)
    assert read.routes[0].stops == plan.routes[0].stops
    assert read.routes[1].start_s is None


def test_a_summary_holds_the_totals_and_no_routes() -> None:
    """Listings get everything about a plan but its lists."""
    summary = plan_summary(plan_message(example_plan()))
    assert not summary.routes
    assert not summary.unplanned_visits
    assert summary.totals.planned_visit_count == 2
    assert summary.totals.used_worker_count == 1


def test_the_durations_of_a_route_add_up() -> None:
    """Travel, setup, service, breaks and waiting make up the duration, by the definition of waiting."""
    route = example_plan().routes[0]
    assert route.duration_s == 3000
    assert (route.travel_s, route.service_s, route.break_s) == (150, 2 * 940, 600)
    assert route.setup_s == 40
    parts_s = (route.travel_s, route.setup_s, route.service_s, route.break_s, route.waiting_s)
    assert sum(parts_s) == route.duration_s
    assert route.distance_m == 1200.5
