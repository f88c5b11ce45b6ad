"""A corpus of errors, each put into a planning request that is right: each is found, by its field, and nothing else."""

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

OF_WORKERS: list[tuple[dict[str, Any], str]] = [
    ({"id": ""}, "id"),
    ({"id": "ann"}, "id"),
    ({"id": "x" * 1000}, "id"),
    ({"shift": TimeSpan(SHIFT.end_s, SHIFT.start_s)}, "shift"),
    ({"shift": TimeSpan(SHIFT.start_s, SHIFT.start_s)}, "shift"),
    ({"shift": TimeSpan(SHIFT.start_s, 0)}, "shift.end_time"),
    ({"shift": OTHER_YEAR}, "shift"),
    ({"start_position": Place(math.nan, 25.0)}, "start_position.latitude_degrees"),
    ({"end_position": Place(60.0, 181.0)}, "end_position.longitude_degrees"),
    ({"area_center_position": Place(91.0, 25.0)}, "area_center_position.latitude_degrees"),
    ({"cost_per_kilometer_from_center": 1.0}, "cost_per_kilometer_from_center"),
    ({"max_visits": -1}, "max_visits"),
    ({"max_distance_m": math.nan}, "max_distance_meters"),
    ({"max_duration_s": -1}, "max_duration"),
    ({"max_travel_s": -1}, "max_travel_duration"),
    ({"capacity": 10**12}, "capacity"),
    ({"fixed_cost": -1.0}, "fixed_cost"),
    ({"cost_per_hour": math.inf}, "cost_per_hour"),
    ({"cost_per_kilometer": math.nan}, "cost_per_kilometer"),
    ({"skills": ("",)}, "skills[0]"),
    ({"skill_levels": (SkillLevelRequest("", 1),)}, "skill_levels[0].skill"),
    ({"skill_levels": (SkillLevelRequest("gas", 0),)}, "skill_levels[0].level"),
    ({"travel_factor": 0.0}, "travel_factor"),
    ({"service_factor": math.nan}, "service_factor"),
    ({"overtime_cost_per_hour": 1.0}, "overtime_cost_per_hour"),
    ({"regular_end_s": SHIFT.end_s + 1}, "regular_end_time"),
    ({"breaks": (BreakRequest(SHIFT.start_s, SHIFT.start_s, 0),)}, "breaks[0].duration"),
    ({"breaks": (BreakRequest(SHIFT.start_s + 1, SHIFT.start_s, 60),)}, "breaks[0].latest_start_time"),
    ({"breaks": (BreakRequest(0, SHIFT.start_s, 60),)}, "breaks[0].earliest_start_time"),
    ({"breaks": (BreakRequest(400 * DAY, 400 * DAY, 60),)}, "breaks[0]"),
    (
        {
            "breaks": (
                BreakRequest(SHIFT.start_s, SHIFT.end_s, 60),
                BreakRequest(SHIFT.start_s + 1, SHIFT.end_s + 60, 1),
            )
        },
        "breaks[1].earliest_start_time",
    ),
    (
        {"breaks": (BreakRequest(SHIFT.start_s, SHIFT.end_s, 60), BreakRequest(SHIFT.end_s, SHIFT.end_s + 59, 1))},
        "breaks[1].latest_start_time",
    ),
    ({"driving_rest": DrivingRestRequest(0, 60)}, "driving_rest.max_driving_duration"),
    ({"driving_rest": DrivingRestRequest(60, 0)}, "driving_rest.duration"),
    ({"reload": ReloadRequest(PLACE)}, "reload"),
    ({"capacity": 1, "reload": ReloadRequest()}, "reload.position"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE, duration_s=-1)}, "reload.duration"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE, max_reloads=-1)}, "reload.max_reloads"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE, cost=-1.0)}, "reload.cost"),
    ({"capacity": 1, "reload": ReloadRequest(PLACE), "driving_rest": DrivingRestRequest(60, 60)}, "reload"),
    ({"soft_limits": SoftLimitsRequest(max_visits=-1)}, "soft_limits.max_visits"),
    ({"soft_limits": SoftLimitsRequest(cost_per_extra_visit=1.0)}, "soft_limits.cost_per_extra_visit"),
    ({"soft_limits": SoftLimitsRequest(max_travel_s=-1)}, "soft_limits.max_travel_duration"),
    ({"soft_limits": SoftLimitsRequest(max_duration_s=1, cost_per_extra_hour=-1.0)}, "soft_limits.cost_per_extra_hour"),
    ({"further_shifts": (FurtherShiftRequest(BACKWARDS),)}, "further_shifts[0].window"),
    (
        {"further_shifts": (FurtherShiftRequest(TimeSpan(SHIFT.end_s - 1, 2 * DAY)),)},
        "further_shifts[0].window",
    ),
]
"""What is wrong with the second worker, and its field."""

OF_VISITS: list[tuple[dict[str, Any], str]] = [
    ({"id": ""}, "id"),
    ({"id": "a"}, "id"),
    ({"position": None}, "position"),
    ({"position": Place(25.0, 160.0), "duration_s": -1}, "duration"),
    ({"position": Place(125.0, 60.0)}, "position.latitude_degrees"),
    ({"position": Place(60.0, math.inf)}, "position.longitude_degrees"),
    ({"duration_s": 8 * DAY}, "duration"),
    ({"setup_s": -1}, "setup_duration"),
    ({"time_windows": (BACKWARDS,)}, "time_windows[0]"),
    ({"time_windows": (TimeSpan(0, SHIFT.end_s),)}, "time_windows[0].start_time"),
    ({"time_windows": (SHIFT, OTHER_YEAR)}, "time_windows[1]"),
    ({"soft_time_windows": (BACKWARDS,)}, "soft_time_windows[0]"),
    ({"cost_per_hour_early": 1.0}, "cost_per_hour_early"),
    ({"soft_time_windows": (SHIFT,), "cost_per_hour_late": -1.0}, "cost_per_hour_late"),
    ({"unserved_cost": -1.0}, "unserved_cost"),
    ({"priority": 0}, "priority"),
    ({"priority": 6}, "priority"),
    ({"load": -1}, "load"),
    ({"required_skills": ("gas", "")}, "required_skills[1]"),
    ({"required_skill_levels": (SkillLevelRequest("gas", -1),)}, "required_skill_levels[0].level"),
    ({"skill_durations": (SkillDurationRequest("", 60),)}, "skill_durations[0].skill"),
    ({"skill_durations": (SkillDurationRequest("gas", -1),)}, "skill_durations[0].duration"),
    ({"allowed_worker_ids": ("cy",)}, "allowed_worker_ids[0]"),
    ({"forbidden_worker_ids": ("ann", "cy")}, "forbidden_worker_ids[1]"),
    ({"preferred_worker_ids": ("cy",)}, "preferred_worker_ids[0]"),
    ({"not_preferred_cost": 1.0}, "not_preferred_cost"),
    ({"pin": PinRequest("cy")}, "pin.worker_id"),
    ({"pin": PinRequest("ann", DAY)}, "pin.start_time"),
]
"""What is wrong with the third visit, and its field."""

OF_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"coordinate_system": None}, "coordinate_system"),
    ({"time_zone": "Europe/Atlantis"}, "time_zone"),
    ({"max_snap_distance_m": 0.0}, "max_snap_distance_meters"),
    ({"same_worker_groups": (("a",),)}, "same_worker_groups[0].visit_ids"),
    ({"different_worker_groups": (("a", "x"),)}, "different_worker_groups[0].visit_ids[1]"),
    ({"separate_groups": (("a", "b", "a"),)}, "separate_groups[0].visit_ids"),
    ({"sequences": (SequenceRequest(("x", "a")),)}, "sequences[0].visit_ids[0]"),
    ({"sequences": (SequenceRequest(("a", "b")), SequenceRequest(("b", "a")))}, "sequences[1].visit_ids"),
    ({"same_worker_groups": (("a", "b"),), "different_worker_groups": (("a", "b"),)}, "different_worker_groups[0]"),
    ({"deliveries": (DeliveryRequest("a", "x"),)}, "deliveries[0].delivery_visit_id"),
    ({"deliveries": (DeliveryRequest("a", "a"),)}, "deliveries[0].delivery_visit_id"),
    ({"deliveries": (DeliveryRequest("a", "b", load=-1),)}, "deliveries[0].load"),
    ({"deliveries": (DeliveryRequest("a", "b"), DeliveryRequest("b", "c"))}, "deliveries[1].pickup_visit_id"),
    ({"precedences": (PrecedenceRequest("x", "a"),)}, "precedences[0].before_visit_id"),
    ({"precedences": (PrecedenceRequest("a", "b", min_gap_s=-1),)}, "precedences[0].min_gap"),
    ({"precedences": (PrecedenceRequest("a", "a"),)}, "precedences[0]"),
    ({"balance": BalanceRequest(None)}, "balance.measure"),
    ({"lowest_strict_priority": 6}, "lowest_strict_priority"),
]
"""What is wrong with the request itself, and its field."""


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


def found(request: PlanningRequest) -> set[str]:
    """Name the fields of all that is found."""
    return {one.field for one in check_planning_request(request, Settings())}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """The request that the errors are put into is right."""
    assert found(right_request()) == set()


@pytest.mark.parametrize(("changes", "field"), OF_WORKERS)
def test_an_error_of_a_worker_is_named(changes: dict[str, Any], field: str) -> None:
    """The field of the one error is named, and no other."""
    assert found(with_errors(worker=changes, visit={}, request={})) == {f"workers[1].{field}"}


@pytest.mark.parametrize(("changes", "field"), OF_VISITS)
def test_an_error_of_a_visit_is_named(changes: dict[str, Any], field: str) -> None:
    """The field of the one error is named, and no other."""
    assert found(with_errors(worker={}, visit=changes, request={})) == {f"visits[2].{field}"}


@pytest.mark.parametrize(("changes", "field"), OF_REQUESTS)
def test_an_error_of_the_request_is_named(changes: dict[str, Any], field: str) -> None:
    """The field of the one error is named, and no other."""
    assert found(with_errors(worker={}, visit={}, request=changes)) == {field}


@pytest.mark.parametrize("turn", range(max(len(OF_WORKERS), len(OF_VISITS), len(OF_REQUESTS))))
def test_three_errors_are_named_at_once(turn: int) -> None:
    """One error hides no other, wherever they are."""
    worker, visit, request = (some[turn % len(some)] for some in (OF_WORKERS, OF_VISITS, OF_REQUESTS))
    named = found(with_errors(worker=worker[0], visit=visit[0], request=request[0]))
    assert named >= {f"workers[1].{worker[1]}", f"visits[2].{visit[1]}", request[1]}
