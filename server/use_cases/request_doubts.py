"""Says what of a planning request is allowed and probably not meant: one customer twice, a window of one instant.

Each doubt names what to do where it is right, and what to say where it is not.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from geo.geodesy import METRES_PER_DEGREE
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.planning_request import PlanningRequest, TimeSpan, VisitRequest

SAME_PLACE_M = 5.0
"""Two entries of one address differ by less; two doors of one street by more."""
MOST_OF_A_KIND = 20
"""A list in which everything looks alike is one finding, not a thousand."""


def request_doubts(request: PlanningRequest) -> tuple[Notice, ...]:
    """List what is probably not meant.

    Parameters
    ----------
    request
        The request, which may break rules.

    Returns
    -------
    tuple[Notice, ...]
        By the field paths of `odograph.v1.Problem`; the first twenty of each kind, and how many more there are.
    """
    return (*_first(_doubles(request)), *_first(_instants(request)))


def _first(notices: Iterator[Notice]) -> Iterator[Notice]:
    """Yield the first notices of a kind, and one that counts the others."""
    last: Notice | None = None
    for last in islice(notices, MOST_OF_A_KIND):
        yield last
    rest = sum(1 for _ in notices)
    if last is not None and rest:
        yield Notice(last.code, "visits", f"{rest} more visits or windows like this")


def _doubles(request: PlanningRequest) -> Iterator[Notice]:
    """Name visits that look like the same visit asked for before.

    They lie in one place, need the same skills, nothing binds them to each other, and they have one label, or at most
    one of them has a label and both may be served at the same time. Two customers of one building have two labels.
    """
    bonds = _bonds_of(request)
    steps = _steps(request)
    near: dict[tuple[int, int, str | None], list[int]] = defaultdict(list)
    for index, visit in enumerate(request.visits):
        place, label = visit.position, _label(visit)
        if place is None or not (math.isfinite(place.latitude_degrees) and math.isfinite(place.longitude_degrees)):
            continue
        row, column = (math.floor(value / SAME_PLACE_M) for value in _metres(visit, steps))
        cells = [(row + south, column + west) for south in (-1, 0, 1) for west in (-1, 0, 1)]
        # A thousand customers may be in one building: those with other labels are not looked at one by one.
        labels = (label, "") if label else (None,)
        candidates = sorted(other for cell in cells for one in labels for other in near.get((*cell, one), ()))
        for other in candidates:
            first = request.visits[other]
            if math.dist(_metres(visit, steps), _metres(first, steps)) > SAME_PLACE_M:
                continue
            if _is_double(first, visit) and not bonds.get(first.id, _NONE) & bonds.get(visit.id, _NONE):
                yield _double(index, other, first, visit)
                break
        for one in (label, None):
            near[row, column, one].append(index)


_NONE: frozenset[int] = frozenset()


def _is_double(first: VisitRequest, second: VisitRequest) -> bool:
    one, other = _label(first), _label(second)
    if set(first.required_skills) != set(second.required_skills):
        return False
    if one and one == other:
        return True
    return not (one and other) and _overlap(first.time_windows, second.time_windows)


def _label(visit: VisitRequest) -> str:
    """Return what a customer is called, however it is written."""
    return visit.label.strip().casefold()


def _overlap(some: tuple[TimeSpan, ...], others: tuple[TimeSpan, ...]) -> bool:
    """Tell whether two services may start at the same moment; without windows they may at any."""
    if not some or not others:
        return True
    return any(one.start_s <= other.end_s and other.start_s <= one.end_s for one in some for other in others)


def _double(index: int, other: int, first: VisitRequest, second: VisitRequest) -> Notice:
    label = " and has its label" if _label(first) and _label(first) == _label(second) else ""
    description = (
        f"{second.id!r} lies within {SAME_PLACE_M:.0f} m of {first.id!r} (visits[{other}]){label}: leave one of them "
        "out where it is one visit asked for twice; where there are two, give each a label of its own, or bind them by "
        "a group, a sequence or a precedence"
    )
    return Notice(NoticeCode.DUPLICATE_PLACE, f"visits[{index}]", description)


def _instants(request: PlanningRequest) -> Iterator[Notice]:
    """Name windows in which a service can start at one instant only."""
    for index, visit in enumerate(request.visits):
        for number, window in enumerate(visit.time_windows):
            if window.start_s == window.end_s:
                description = (
                    "has no length: the service starts exactly then, or not at all; where it may start later, move "
                    "end_time to the latest start"
                )
                yield Notice(NoticeCode.INSTANT_WINDOW, f"visits[{index}].time_windows[{number}]", description)


def _bonds_of(request: PlanningRequest) -> dict[str, set[int]]:
    """Say which of the groups, sequences and so on, as numbers, each visit is in."""
    groups: list[Iterable[str]] = [
        *request.same_worker_groups,
        *request.different_worker_groups,
        *request.separate_groups,
        *(one.visit_ids for one in request.sequences),
        *((one.pickup_visit_id, one.delivery_visit_id) for one in request.deliveries),
        *((one.before_visit_id, one.after_visit_id) for one in request.precedences),
    ]
    bonds: dict[str, set[int]] = defaultdict(set)
    for number, group in enumerate(groups):
        for visit_id in group:
            bonds[visit_id].add(number)
    return bonds


def _steps(request: PlanningRequest) -> tuple[float, float]:
    """Return the metres of a degree to the north and to the east, where the first usable visit lies."""
    latitudes = (visit.position.latitude_degrees for visit in request.visits if visit.position is not None)
    latitude = next((each for each in latitudes if math.isfinite(each)), 0.0)
    return METRES_PER_DEGREE, METRES_PER_DEGREE * math.cos(math.radians(latitude))


def _metres(visit: VisitRequest, steps: tuple[float, float]) -> tuple[float, float]:
    place = visit.position
    return (
        (math.nan, math.nan)
        if place is None
        else (place.latitude_degrees * steps[0], place.longitude_degrees * steps[1])
    )
