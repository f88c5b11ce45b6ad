"""When ways are driven: roads and turns that are open, closed or slower at certain times are taken as they are then."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from geo.roads.network import RoadClass
from geo.routing.positions import RoadPositions
from geo.routing.route import TravelMatrix
from geo.routing.router import Router
from geo.routing.slot_travel import matrix_over_slots
from geo.routing.time_profiles import FACTOR_COUNTS, TimeProfile
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, ViolationCode

FIELD = "departure"
END_OF_CALENDAR_S = 253_370_764_800
"""The beginning of the year 9999: later moments have no local time in every zone."""
MIN_FACTOR, MAX_FACTOR = 0.05, 100.0
"""At a twentieth of its speed a car still crosses a region within the 6 days that a route may take; beyond them, a
place would be called unreachable (see `geo.routing.travel_keys`)."""
WEEK_MS = 7 * 24 * 3600 * 1000
"""So long after a departure changes of speed are looked for: a thousand legs at a twentieth of the speed take
months."""
ROAD_CLASSES = {road_class.name.lower(): road_class for road_class in RoadClass}


@dataclass(frozen=True)
class ClassSpeeds:
    """Speed factors of the roads of one class: one for all hours, 24 for a day or 168 for a week."""

    road_class: str
    factors: tuple[float, ...]


@dataclass(frozen=True)
class Departure:
    """A moment to depart at. What it computes is to be asked only where there are no violations.

    Parameters
    ----------
    time_s
        Unix seconds; None where the request does not say.
    time_zone
        IANA name of the time zone of the roads.
    is_public_holiday
        Whether that day is a public holiday there.
    speeds
        How fast classes of roads are by the hour; the others are as fast as the network says.
    """

    time_s: int | None
    time_zone: str
    is_public_holiday: bool = False
    speeds: tuple[ClassSpeeds, ...] = ()

    @property
    def local_time(self) -> datetime:
        """The moment on the clocks beside the road."""
        return datetime.fromtimestamp(self.time_s or 0, UTC).astimezone(ZoneInfo(self.time_zone))

    @cached_property
    def time_profile(self) -> TimeProfile:
        """How fast roads are by the hour."""
        return TimeProfile.of_classes({ROAD_CLASSES[each.road_class]: each.factors for each in self.speeds})


def departure_violations(departure: Departure) -> Iterator[FieldViolation]:
    """Find what is wrong with a departure.

    Parameters
    ----------
    departure
        What the request says.

    Yields
    ------
    FieldViolation
        Every broken rule.
    """
    if departure.time_s is None:
        yield FieldViolation(f"{FIELD}.time", ViolationCode.REQUIRED, "is required")
    elif not 0 <= departure.time_s < END_OF_CALENDAR_S:
        yield FieldViolation(f"{FIELD}.time", ViolationCode.OUT_OF_RANGE, "must be between the years 1970 and 9998")
    yield from time_zone_violations(departure.time_zone, f"{FIELD}.time_zone")
    for violation in speed_violations(departure.speeds):
        yield violation.inside(f"{FIELD}.speed_profile")


def time_zone_violations(name: str, field: str) -> Iterator[FieldViolation]:
    """Say whether a field names a time zone.

    Parameters
    ----------
    name
        What it says.
    field
        Its path.

    Yields
    ------
    FieldViolation
        There is no such time zone.
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        yield FieldViolation(field, ViolationCode.UNKNOWN_VALUE, f"must be the IANA name of a time zone (got {name!r})")


def speed_violations(speeds: tuple[ClassSpeeds, ...]) -> Iterator[FieldViolation]:
    """Find what is wrong with a speed profile.

    Parameters
    ----------
    speeds
        What the request, or a file, says.

    Yields
    ------
    FieldViolation
        Every broken rule, by the field paths of `odograph.v1.SpeedProfile`.
    """
    seen: set[str] = set()
    for index, each in enumerate(speeds):
        path = f"classes[{index}]"
        if each.road_class not in ROAD_CLASSES:
            known = ", ".join(ROAD_CLASSES)
            yield FieldViolation(
                f"{path}.road_class", ViolationCode.UNKNOWN_VALUE, f"must be one of {known} (got {each.road_class!r})"
            )
        elif each.road_class in seen:
            yield FieldViolation(
                f"{path}.road_class", ViolationCode.DUPLICATE, f"must be given once (got {each.road_class!r} again)"
            )
        seen.add(each.road_class)
        if len(each.factors) not in FACTOR_COUNTS:
            yield FieldViolation(
                f"{path}.factors", ViolationCode.MALFORMED, f"must be 1, 24 or 168 factors (got {len(each.factors)})"
            )
            continue  # what is refused for its size is not worth looking through
        for hour, factor in enumerate(each.factors):
            if not MIN_FACTOR <= factor <= MAX_FACTOR:
                sentence = f"must be {MIN_FACTOR:g} to {MAX_FACTOR:g} (got {factor:g})"
                yield FieldViolation(f"{path}.factors[{hour}]", ViolationCode.OUT_OF_RANGE, sentence)


def routers_from(
    opened: OpenNetwork, departure: Departure | None, *, after_ms: int = 0
) -> Iterator[tuple[float, Router]]:
    """Go through the routers that hold from a departure on.

    Parameters
    ----------
    opened
        The network.
    departure
        When ways are driven; None: at no time in particular.
    after_ms
        How much later than `departure` speeds are asked for. What is open and closed stays as it is at the departure,
        and speeds a week after it stay as they are then.

    Yields
    ------
    tuple[float, Router]
        Milliseconds from then to when speeds change, and the router until then; as `matrix_over_slots` takes them.
    """
    if departure is None:
        yield math.inf, opened.router
        return
    when, holiday = departure.local_time, departure.is_public_holiday
    after_ms = min(after_ms, WEEK_MS)
    for slot in departure.time_profile.slots_from(when + timedelta(milliseconds=after_ms)):
        is_last = after_ms + slot.end_ms >= WEEK_MS
        yield math.inf if is_last else slot.end_ms, opened.router_at(when, holiday=holiday, factors=slot.factors)
        if is_last:
            return


def travel_matrix_at(
    opened: OpenNetwork, departure: Departure | None, origins: RoadPositions, destinations: RoadPositions
) -> TravelMatrix:
    """Compute a travel matrix for a departure.

    Parameters
    ----------
    opened
        The network.
    departure
        When all ways begin; None: at no time in particular.
    origins, destinations
        Places on the network.

    Returns
    -------
    TravelMatrix
        ``-1`` where there is no path.
    """
    return matrix_over_slots(routers_from(opened, departure), origins, destinations)
