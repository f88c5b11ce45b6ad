"""A corpus of errors, each put into a request that is right: each is found by its field and code, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from geo.coordinates import CoordinateSystem
from server.settings import Settings
from server.use_cases.check_planning_request import check_planning_request
from server.use_cases.planning_request import (
    BalanceRequest,
    BreakRequest,
    DeliveryRequest,
    DrivingRestRequest,
    FurtherShiftRequest,
    PinRequest,
    Place,
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

HOUR = 3600
DAY = 24 * HOUR
SHIFT = TimeSpan(DAY + 8 * HOUR, DAY + 16 * HOUR)
OTHER_YEAR = TimeSpan(400 * DAY, 400 * DAY + HOUR)
BACKWARDS = TimeSpan(DAY + 12 * HOUR, DAY + 11 * HOUR)
PLACE = Place(60.0, 25.0)

OF_WORKERS: list[tuple[dict[str, Any], str, str]] = [
    ({"id": ""}, "id", "REQUIRED"),
    ({"id": "ann"}, "id", "DUPLICATE"),
    ({"id": "x" * 1000}, "id", "OUT_OF_RANGE"),
    ({"shift": TimeSpan(SHIFT.end_s, SHIFT.start_s)}, "shift", "EMPTY_WINDOW"),
    ({"shift": TimeSpan(SHIFT.start_s, SHIFT.start_s)}, "shift", "EMPTY_WINDOW"),
    ({"shift": TimeSpan(SHIFT.start_s, 0)}, "shift.end_time", "REQUIRED"),
    ({"shift": OTHER_YEAR}, "shift", "OUT_OF_RANGE"),
    ({"start_position": Place(math.nan, 25.0)}, "start_position.latitude_degrees", "OUT_OF_RANGE"),
    ({"end_position": Place(60.0, 181.0)}, "end_position.longitude_degrees", "OUT_OF_RANGE"),
    ({"area_center_position": Place(91.0, 25.0)}, "area_center_position.latitude_degrees", "COORDINATES_SWAPPED"),
    ({"cost_per_kilometer_from_center": 1.0}, "cost_per_kilometer_from_center", "NO_EFFECT"),
    ({"max_visits": -1}, "max_visits", "OUT_OF_RANGE"),
    ({"max_distance_m": math.nan}, "max_distance_meters", "OUT_OF_RANGE"),
    ({"max_duration_s": -1}, "max_duration", "OUT_OF_RANGE"),
    ({"max_travel_s": -1}, "max_travel_duration", "OUT_OF_RANGE"),
    ({"capacity": 10**12}, "capacity", "OUT_OF_RANGE"),
    ({"fixed_cost": -1.0}, "fixed_cost", "OUT_OF_RANGE"),
    ({"cost_per_hour": math.inf}, "cost_per_hour", "OUT_OF_RANGE"),
    ({"cost_per_kilometer": math.nan}, "cost_per_kilometer", "OUT_OF_RANGE"),
    ({"skills": ("",)}, "skills[0]", "REQUIRED"),
    ({"skill_levels": (SkillLevelRequest("", 1),)}, "skill_levels[0].skill", "REQUIRED"),
    ({"skill_levels": (SkillLevelRequest("gas", 0),)}, "skill_levels[0].level", "OUT_OF_RANGE"),
    ({"travel_factor": 0.0}, "travel_factor", "OUT_OF_RANGE"),
    ({"service_factor": math.nan}, "service_factor", "OUT_OF_RANGE"),
    ({"overtime_cost_per_hour": 1.0}, "overtime_cost_per_hour", "NO_EFFECT"),
    ({"regular_end_s": SHIFT.end_s + 1}, "regular_end_time", "CONTRADICTION"),
    ({"breaks": (BreakRequest(SHIFT.start_s, SHIFT.start_s, 0),)}, "breaks[0].duration", "OUT_OF_RANGE"),
    ({"breaks": (BreakRequest(SHIFT.start_s + 1, SHIFT.start_s, 60),)}, "breaks[0].latest_start_time", "EMPTY_WINDOW"),
    ({"breaks": (BreakRequest(0, SHIFT.start_s, 60),)}, "breaks[0].earliest_start_time", "REQUIRED"),
    ({"breaks": (BreakRequest(400 * DAY, 400 * DAY, 60),)}, "breaks[0]", "OUT_OF_RANGE"),
    (
        {
            "breaks": (
                BreakRequest(SHIFT.start_s, SHIFT.end_s, 60),
                BreakRequest(SHIFT.start_s + 1, SHIFT.end_s + 60, 1),
            )
        },
        "breaks[1].earliest_start_time",
        "OUT_OF_ORDER",
    ),
    (
        {"breaks": (BreakRequest(SHIFT.start_s, SHIFT.end_s, 60), BreakRequest(SHIFT.end_s, SHIFT.end_s + 59, 1))},
        "breaks[1].latest_start_time",
        "OUT_OF_ORDER",
    ),
    ({"driving_rest": DrivingRestRequest(0, 60)}, "driving_rest.max_driving_duration", "OUT_OF_RANGE"),
    ({"driving_rest": DrivingRestRequest(60, 0)}, "driving_rest.duration", "OUT_OF_RANGE"),
    ({"reload": ReloadRequest(PLACE)}, "reload", "NO_EFFECT"),
    ({"capacity": 1, "reload": ReloadRequest()}, "reload.position", "REQUIRED"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE, duration_s=-1)}, "reload.duration", "OUT_OF_RANGE"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE, max_reloads=-1)}, "reload.max_reloads", "OUT_OF_RANGE"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE, cost=-1.0)}, "reload.cost", "OUT_OF_RANGE"),
    ({"soft_limits": SoftLimitsRequest(max_visits=-1)}, "soft_limits.max_visits", "OUT_OF_RANGE"),
    ({"soft_limits": SoftLimitsRequest(cost_per_extra_visit=1.0)}, "soft_limits.cost_per_extra_visit", "NO_EFFECT"),
    ({"soft_limits": SoftLimitsRequest(max_travel_s=-1)}, "soft_limits.max_travel_duration", "OUT_OF_RANGE"),
    (
        {"soft_limits": SoftLimitsRequest(max_duration_s=1, cost_per_extra_hour=-1.0)},
        "soft_limits.cost_per_extra_hour",
        "OUT_OF_RANGE",
    ),
    (
        {"further_shifts": (FurtherShiftRequest(TimeSpan(SHIFT.end_s + HOUR, SHIFT.end_s)),)},
        "further_shifts[0].window",
        "EMPTY_WINDOW",
    ),
    (
        {"further_shifts": (FurtherShiftRequest(TimeSpan(SHIFT.end_s - 1, 2 * DAY)),)},
        "further_shifts[0].window",
        "OUT_OF_ORDER",
    ),
]
"""What is wrong with the second worker, its field, and the code."""

OF_VISITS: list[tuple[dict[str, Any], str, str]] = [
    ({"id": ""}, "id", "REQUIRED"),
    ({"id": "a"}, "id", "DUPLICATE"),
    ({"position": None}, "position", "REQUIRED"),
    ({"position": Place(25.0, 160.0), "duration_s": -1}, "duration", "OUT_OF_RANGE"),
    ({"position": Place(125.0, 60.0)}, "position.latitude_degrees", "COORDINATES_SWAPPED"),
    ({"position": Place(60.0, math.inf)}, "position.longitude_degrees", "OUT_OF_RANGE"),
    ({"duration_s": 8 * DAY}, "duration", "OUT_OF_RANGE"),
    ({"setup_s": -1}, "setup_duration", "OUT_OF_RANGE"),
    ({"time_windows": (BACKWARDS,)}, "time_windows[0]", "EMPTY_WINDOW"),
    ({"time_windows": (TimeSpan(0, SHIFT.end_s),)}, "time_windows[0].start_time", "REQUIRED"),
    ({"time_windows": (SHIFT, OTHER_YEAR)}, "time_windows[1]", "OUT_OF_RANGE"),
    ({"soft_time_windows": (BACKWARDS,)}, "soft_time_windows[0]", "EMPTY_WINDOW"),
    ({"cost_per_hour_early": 1.0}, "cost_per_hour_early", "NO_EFFECT"),
    ({"soft_time_windows": (SHIFT,), "cost_per_hour_late": -1.0}, "cost_per_hour_late", "OUT_OF_RANGE"),
    ({"unserved_cost": -1.0}, "unserved_cost", "OUT_OF_RANGE"),
    ({"priority": 0}, "priority", "OUT_OF_RANGE"),
    ({"priority": 6}, "priority", "OUT_OF_RANGE"),
    ({"load": -1}, "load", "OUT_OF_RANGE"),
    ({"required_skills": ("gas", "")}, "required_skills[1]", "REQUIRED"),
    ({"required_skill_levels": (SkillLevelRequest("gas", -1),)}, "required_skill_levels[0].level", "OUT_OF_RANGE"),
    ({"skill_durations": (SkillDurationRequest("", 60),)}, "skill_durations[0].skill", "REQUIRED"),
    ({"skill_durations": (SkillDurationRequest("gas", -1),)}, "skill_durations[0].duration", "OUT_OF_RANGE"),
    ({"allowed_worker_ids": ("cy",)}, "allowed_worker_ids[0]", "UNKNOWN_REFERENCE"),
    ({"forbidden_worker_ids": ("ann", "cy")}, "forbidden_worker_ids[1]", "UNKNOWN_REFERENCE"),
    ({"preferred_worker_ids": ("cy",)}, "preferred_worker_ids[0]", "UNKNOWN_REFERENCE"),
    ({"not_preferred_cost": 1.0}, "not_preferred_cost", "NO_EFFECT"),
    ({"pin": PinRequest("cy")}, "pin.worker_id", "UNKNOWN_REFERENCE"),
    ({"pin": PinRequest("ann", DAY)}, "pin.start_time", "CONTRADICTION"),
]
"""What is wrong with the third visit, its field, and the code."""

OF_REQUESTS: list[tuple[dict[str, Any], str, str]] = [
    ({"coordinate_system": None}, "coordinate_system", "REQUIRED"),
    ({"time_zone": "Europe/Atlantis"}, "time_zone", "UNKNOWN_VALUE"),
    ({"max_snap_distance_m": 0.0}, "max_snap_distance_meters", "OUT_OF_RANGE"),
    ({"same_worker_groups": (("a",),)}, "same_worker_groups[0].visit_ids", "REQUIRED"),
    ({"different_worker_groups": (("a", "x"),)}, "different_worker_groups[0].visit_ids[1]", "UNKNOWN_REFERENCE"),
    ({"separate_groups": (("a", "b", "a"),)}, "separate_groups[0].visit_ids", "DUPLICATE"),
    ({"sequences": (SequenceRequest(("x", "a")),)}, "sequences[0].visit_ids[0]", "UNKNOWN_REFERENCE"),
    (
        {"sequences": (SequenceRequest(("a", "b")), SequenceRequest(("b", "a")))},
        "sequences[1].visit_ids",
        "CONTRADICTION",
    ),
    (
        {"same_worker_groups": (("a", "b"),), "different_worker_groups": (("a", "b"),)},
        "different_worker_groups[0]",
        "CONTRADICTION",
    ),
    ({"deliveries": (DeliveryRequest("a", "x"),)}, "deliveries[0].delivery_visit_id", "UNKNOWN_REFERENCE"),
    ({"deliveries": (DeliveryRequest("a", "a"),)}, "deliveries[0].delivery_visit_id", "DUPLICATE"),
    ({"deliveries": (DeliveryRequest("a", "b", load=-1),)}, "deliveries[0].load", "OUT_OF_RANGE"),
    (
        {"deliveries": (DeliveryRequest("a", "b"), DeliveryRequest("b", "c"))},
        "deliveries[1].pickup_visit_id",
        "DUPLICATE",
    ),
    ({"precedences": (PrecedenceRequest("x", "a"),)}, "precedences[0].before_visit_id", "UNKNOWN_REFERENCE"),
    ({"precedences": (PrecedenceRequest("a", "b", min_gap_s=-1),)}, "precedences[0].min_gap", "OUT_OF_RANGE"),
    ({"precedences": (PrecedenceRequest("a", "a"),)}, "precedences[0]", "CONTRADICTION"),
    ({"balance": BalanceRequest(None)}, "balance.measure", "REQUIRED"),
    ({"lowest_strict_priority": 6}, "lowest_strict_priority", "OUT_OF_RANGE"),
]
"""What is wrong with the request itself, its field, and the code."""


def right_request() -> PlanningRequest:
    """Return a request in which nothing is wrong."""
    workers = tuple(WorkerRequest(name, SHIFT) for name in ("ann", "bo"))
    visits = tuple(VisitRequest(name, PLACE) for name in ("a", "b", "c"))
    return PlanningRequest(workers, visits, CoordinateSystem.WGS84, road_network="town")


def with_errors(*, worker: dict[str, Any], visit: dict[str, Any], request: dict[str, Any]) -> PlanningRequest:
    """Put errors into the right request."""
    right = right_request()
    workers = (right.workers[0], replace(right.workers[1], **worker))
    visits = (*right.visits[:2], replace(right.visits[2], **visit))
    return replace(right, workers=workers, visits=visits, **request)


def found(request: PlanningRequest) -> set[tuple[str, str]]:
    """Name the fields of all that is found, each with its code."""
    return {(one.field, one.code.name) for one in check_planning_request(request, Settings())}


UNKNOWN_BESIDE_CONTRADICTIONS: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    (
        {
            "same_worker_groups": (("a", "b", "x"),),
            "different_worker_groups": (("a", "b"),),
        },
        {("same_worker_groups[0].visit_ids[2]", "UNKNOWN_REFERENCE"), ("different_worker_groups[0]", "CONTRADICTION")},
    ),
    (
        {
            "sequences": (SequenceRequest(("a", "x", "b")), SequenceRequest(("b", "a"))),
            "precedences": (PrecedenceRequest("y", "c"),),
        },
        {
            ("sequences[0].visit_ids[1]", "UNKNOWN_REFERENCE"),
            ("sequences[1].visit_ids", "CONTRADICTION"),
            ("precedences[0].before_visit_id", "UNKNOWN_REFERENCE"),
        },
    ),
    (
        {
            "sequences": (SequenceRequest(("a", "b"), is_direct=True), SequenceRequest(("a", "c"), is_direct=True)),
            "deliveries": (DeliveryRequest("a", "x"),),
        },
        {
            ("sequences[1].visit_ids", "CONTRADICTION"),
            ("deliveries[0].delivery_visit_id", "UNKNOWN_REFERENCE"),
        },
    ),
    (
        {"sequences": (SequenceRequest(("a", "b", "a")),), "separate_groups": (("a", "b"), ("c", "x"))},
        {
            ("sequences[0].visit_ids", "DUPLICATE"),
            ("separate_groups[0]", "CONTRADICTION"),
            ("separate_groups[1].visit_ids[1]", "UNKNOWN_REFERENCE"),
        },
    ),
]
"""Rules that contradict each other beside rules that name visits which are not there, and all that is to be found."""


@pytest.mark.parametrize(("changes", "expected"), UNKNOWN_BESIDE_CONTRADICTIONS)
def test_an_unknown_visit_hides_no_contradiction(changes: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    """What contradicts itself among the visits that are there is found beside the names of those that are not."""
    assert found(with_errors(worker={}, visit={}, request=changes)) == expected


def test_a_wrong_break_hides_no_others_that_run_into_each_other() -> None:
    """Of three breaks the first is too short, and the third begins before the second is over: both are named."""
    too_short, lunch = BreakRequest(SHIFT.start_s, SHIFT.start_s, 0), BreakRequest(SHIFT.end_s, SHIFT.end_s, 60)
    assert found(with_errors(worker={"breaks": (too_short, lunch, lunch)}, visit={}, request={})) == {
        ("workers[1].breaks[0].duration", "OUT_OF_RANGE"),
        ("workers[1].breaks[2].earliest_start_time", "OUT_OF_ORDER"),
        ("workers[1].breaks[2].latest_start_time", "OUT_OF_ORDER"),
    }


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """The request that the errors are put into is right."""
    assert found(right_request()) == set()


@pytest.mark.parametrize(("changes", "field", "code"), OF_WORKERS)
def test_an_error_of_a_worker_is_named(changes: dict[str, Any], field: str, code: str) -> None:
    """The field of the one error is named with its code, and no other."""
    assert found(with_errors(worker=changes, visit={}, request={})) == {(f"workers[1].{field}", code)}


@pytest.mark.parametrize(("changes", "field", "code"), OF_VISITS)
def test_an_error_of_a_visit_is_named(changes: dict[str, Any], field: str, code: str) -> None:
    """The field of the one error is named with its code, and no other."""
    assert found(with_errors(worker={}, visit=changes, request={})) == {(f"visits[2].{field}", code)}


@pytest.mark.parametrize(("changes", "field", "code"), OF_REQUESTS)
def test_an_error_of_the_request_is_named(changes: dict[str, Any], field: str, code: str) -> None:
    """The field of the one error is named with its code, and no other."""
    assert found(with_errors(worker={}, visit={}, request=changes)) == {(field, code)}


@pytest.mark.parametrize("turn", range(max(len(OF_WORKERS), len(OF_VISITS), len(OF_REQUESTS))))
def test_three_errors_are_named_at_once(turn: int) -> None:
    """One error hides no other, wherever they are."""
    worker, visit, request = (some[turn % len(some)] for some in (OF_WORKERS, OF_VISITS, OF_REQUESTS))
    named = found(with_errors(worker=worker[0], visit=visit[0], request=request[0]))
    assert named >= {(f"workers[1].{worker[1]}", worker[2]), (f"visits[2].{visit[1]}", visit[2]), request[1:]}
