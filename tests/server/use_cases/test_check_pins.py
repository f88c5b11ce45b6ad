"""Pins that cannot hold: each is named by its field, and those that can are let be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.use_cases.check_pins import pin_violations
from server.use_cases.planning_request import (
    DeliveryRequest,
    FurtherShiftRequest,
    PinEvent,
    PinRequest,
    Place,
    PlanningRequest,
    PrecedenceRequest,
    SequenceRequest,
    SkillDurationRequest,
    SkillLevelRequest,
    TimeSpan,
    VisitRequest,
    WorkerRequest,
)

HOUR = 3600
ANN = WorkerRequest("ann", TimeSpan(8 * HOUR, 16 * HOUR))
BO = replace(ANN, id="bo")
IN_TWO_SHIFTS = replace(ANN, further_shifts=(FurtherShiftRequest(TimeSpan(18 * HOUR, 20 * HOUR)),))


def visit(visit_id: str, worker: str | None, hour: float | None = None, **fields: Any) -> VisitRequest:
    """Return a visit of one hour, pinned to a worker and a moment, or not."""
    pin = None if worker is None else PinRequest(worker, None if hour is None else int(hour * HOUR))
    return VisitRequest(visit_id, Place(60.0, 25.0), **({"duration_s": HOUR, "pin": pin} | fields))


def named(*visits: VisitRequest, workers: tuple[WorkerRequest, ...] = (ANN, BO), **fields: Any) -> list[str]:
    """Return the fields of the pins that cannot be."""
    request = PlanningRequest(workers=workers, visits=visits, **({"coordinate_system": None} | fields))
    return [one.field for one in pin_violations(request)]


@pytest.mark.parametrize(
    ("pinned", "fields"),
    [
        (visit("a", "ann", 9), []),
        (visit("a", "cy"), ["visits[0].pin.worker_id"]),
        (visit("a", "ann", forbidden_worker_ids=("ann",)), ["visits[0].pin.worker_id"]),
        (visit("a", "ann", allowed_worker_ids=("bo",)), ["visits[0].pin.worker_id"]),
        (visit("a", "ann", 9, time_windows=(TimeSpan(10 * HOUR, 11 * HOUR),)), ["visits[0].pin.start_time"]),
        (visit("a", "ann", 7), ["visits[0].pin.start_time"]),
        (visit("a", "ann", 17), ["visits[0].pin.start_time"]),
    ],
)
def test_a_pin_is_possible_by_itself(pinned: VisitRequest, fields: list[str]) -> None:
    """The worker is there, may come, and is at work then; the moment is one of the visit's."""
    assert named(pinned) == fields


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"required_skills": ("gas",)}, "CONTRADICTION"),
        ({"required_skill_levels": (SkillLevelRequest("key", 2),)}, "CONTRADICTION"),
        ({"zone": "south"}, "CONTRADICTION"),
        ({"required_skills": ("key",), "required_skill_levels": (SkillLevelRequest("key", 1),), "zone": "north"}, None),
    ],
)
def test_nobody_is_pinned_who_cannot_serve(changes: dict[str, Any], code: str | None) -> None:
    """A pinned worker has the skills, in their levels, and serves the zone."""
    able = replace(ANN, skill_levels=(SkillLevelRequest("key", 1),), zones=("north",))
    request = PlanningRequest((able,), (visit("a", "ann", **changes),), None)
    found = [(one.field, one.code.name) for one in pin_violations(request)]
    assert found == ([] if code is None else [("visits[0].pin.worker_id", code)])


ARRIVED_AT_NINE = PinRequest("ann", 9 * HOUR, PinEvent.ARRIVED)
UNDER_WAY = PinRequest("ann", None, PinEvent.UNDER_WAY)
AT_HOME = replace(ANN, start_position=Place(60.0, 25.0))


@pytest.mark.parametrize(
    ("pins", "rules", "found"),
    [
        ({"a": ARRIVED_AT_NINE}, {}, []),
        ({"a": UNDER_WAY}, {}, []),
        ({"a": replace(ARRIVED_AT_NINE, start_s=None)}, {}, [("visits[0].pin.start_time", "REQUIRED")]),
        ({"a": ARRIVED_AT_NINE, "b": UNDER_WAY}, {}, [("visits[1].pin.event", "CONTRADICTION")]),
        ({"a": UNDER_WAY, "b": PinRequest("ann", 9 * HOUR)}, {}, []),
        ({"a": ARRIVED_AT_NINE, "b": PinRequest("ann", 8 * HOUR)}, {}, [("visits[1].pin.start_time", "CONTRADICTION")]),
        (
            {"a": ARRIVED_AT_NINE, "b": replace(UNDER_WAY, worker_id="cy")},
            {},
            [("visits[1].pin.worker_id", "UNKNOWN_REFERENCE")],
        ),
        ({"a": UNDER_WAY}, {"deliveries": (DeliveryRequest("b", "a"),)}, [("deliveries[0]", "CONTRADICTION")]),
        ({"a": UNDER_WAY}, {"precedences": (PrecedenceRequest("b", "a"),)}, [("precedences[0]", "NOT_SUPPORTED")]),
        ({"a": ARRIVED_AT_NINE}, {"precedences": (PrecedenceRequest("b", "a"),)}, []),
        ({"a": UNDER_WAY}, {"workers": (ANN,)}, [("workers[0].start_position", "REQUIRED")]),
    ],
)
def test_an_event_begins_one_route(
    pins: dict[str, PinRequest], rules: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    """An event has what it needs, is the only one of its shift, and nothing would have to come before its visit."""
    visits = tuple(visit(name, None, pin=pins.get(name)) for name in ("a", "b"))
    request = PlanningRequest(**({"workers": (AT_HOME,), "visits": visits, "coordinate_system": None} | rules))
    assert [(one.field, one.code.name) for one in pin_violations(request)] == found


def test_who_has_arrived_may_be_late() -> None:
    """A visit that has begun outside of its window has begun; one that is planned there is not possible."""
    window = (TimeSpan(10 * HOUR, 11 * HOUR),)
    begun = visit("a", None, pin=ARRIVED_AT_NINE, time_windows=window)
    assert named(begun, workers=(AT_HOME,)) == []
    assert named(replace(begun, pin=PinRequest("ann", 9 * HOUR)), workers=(AT_HOME,)) == ["visits[0].pin.start_time"]


def test_a_pin_may_be_in_any_shift() -> None:
    """Seven in the evening is in the second shift; five in the afternoon is in none."""
    assert named(visit("a", "ann", 19), workers=(IN_TWO_SHIFTS,)) == []
    assert named(visit("a", "ann", 17), workers=(IN_TWO_SHIFTS,)) == ["visits[0].pin.start_time"]


def test_nobody_is_at_two_visits_at_once() -> None:
    """An hour from nine leaves ten free, and not half past nine; another worker is free then."""
    assert named(visit("a", "ann", 10), visit("b", "ann", 9)) == []
    assert named(visit("a", "ann", 9.5), visit("b", "ann", 9)) == ["visits[0].pin.start_time"]
    assert named(visit("a", "ann", 9.5), visit("b", "bo", 9)) == []
    # A long visit is still on when the third begins, though the second is over.
    long = visit("a", "ann", 9, duration_s=4 * HOUR)
    both = named(long, visit("b", "ann", 10), visit("c", "ann", 11.5))
    assert both == ["visits[1].pin.start_time", "visits[2].pin.start_time"]


def test_somebody_quick_may_be_free_sooner() -> None:
    """Half the time, by the worker's own or by a skill, makes room for the other pin."""
    twice = (replace(ANN, service_factor=0.5),)
    assert named(visit("a", "ann", 9.5), visit("b", "ann", 9), workers=twice) == []
    skilled = visit("b", "ann", 9, skill_durations=(SkillDurationRequest("gas", HOUR // 2),))
    assert named(visit("a", "ann", 9.5), skilled) == []


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ({"same_worker_groups": (("a", "x", "b"),)}, ["same_worker_groups[0]"]),
        ({"sequences": (SequenceRequest(("x", "a")), SequenceRequest(("a", "b")))}, ["sequences[1]"]),
        ({"deliveries": (DeliveryRequest("b", "a"),)}, ["deliveries[0]"]),
        ({"different_worker_groups": (("a", "b"),), "separate_groups": (("a", "b"),)}, []),
    ],
)
def test_what_is_together_is_pinned_to_one_worker(rule: dict[str, Any], fields: list[str]) -> None:
    """Visits pinned to two workers are not to be with one."""
    assert named(visit("a", "ann"), visit("b", "bo"), visit("x", None), **rule) == fields


def test_what_is_apart_is_not_pinned_to_one_worker() -> None:
    """In two shifts one worker may have two routes, but is still one worker."""
    visits = (visit("a", "ann"), visit("b", "ann"))
    rules: dict[str, Any] = {"different_worker_groups": (("a", "b"),), "separate_groups": (("a", "b"),)}
    assert named(*visits, **rules) == ["different_worker_groups[0]", "separate_groups[0]"]
    assert named(*visits, workers=(IN_TWO_SHIFTS,), **rules) == ["different_worker_groups[0]"]


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ({"sequences": (SequenceRequest(("a", "b")),)}, []),
        ({"sequences": (SequenceRequest(("b", "a")),)}, ["sequences[0]"]),
        ({"deliveries": (DeliveryRequest("b", "a"),)}, ["deliveries[0]"]),
        ({"precedences": (PrecedenceRequest("a", "b", HOUR),)}, []),
        ({"precedences": (PrecedenceRequest("a", "b", HOUR + 1),)}, ["precedences[0]"]),
    ],
)
def test_pinned_moments_keep_the_order(rule: dict[str, Any], fields: list[str]) -> None:
    """With a from nine to ten and b at eleven, b does not come first, nor more than an hour later."""
    assert named(visit("a", "ann", 9), visit("b", "ann", 11), **rule) == fields
