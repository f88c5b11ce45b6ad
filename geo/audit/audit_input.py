"""Refuses an audit whose plan, claim or road network cannot be right, with every broken rule at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from geo.audit.planned_day import BreakAllowance, KnownPlace, PlannedDay, PlannedStop
from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.roads.network import RoadNetwork

POLE_DEGREES = 90.0
HALF_TURN_DEGREES = 180.0


def check_audit_input(
    planned_day: PlannedDay | None, claimed_m: float | None, *, network: RoadNetwork, router_network: RoadNetwork
) -> None:
    """Refuse what cannot be audited.

    Parameters
    ----------
    planned_day
        The plan, where there is one.
    claimed_m
        The claim, where there is one.
    network, router_network
        The networks of the matcher and of the router.

    Raises
    ------
    InvalidGeoInputError
        With every broken rule.
    """
    violations = []
    if network.fingerprint != router_network.fingerprint:
        violations.append(
            Violation("router", ViolationCode.CONTRADICTION, "must stand on the same road network as the matcher")
        )
    if claimed_m is not None and not (math.isfinite(claimed_m) and claimed_m >= 0.0):
        violations.append(
            Violation("claimed_m", ViolationCode.OUT_OF_RANGE, f"must be a number, not negative (got {claimed_m})")
        )
    if planned_day is not None:
        violations += _day_violations(planned_day, network)
    if violations:
        raise InvalidGeoInputError(tuple(violations))


def _day_violations(day: PlannedDay, network: RoadNetwork) -> Iterator[Violation]:
    if day.end_ms < day.start_ms:
        yield Violation("planned_day.end_ms", ViolationCode.EMPTY_WINDOW, "must not be before start_ms")
    if day.working_end_ms <= day.working_start_ms:
        yield Violation("planned_day.working_end_ms", ViolationCode.EMPTY_WINDOW, "must be after working_start_ms")
    if not (math.isfinite(day.length_m) and day.length_m >= 0.0):
        yield Violation(
            "planned_day.length_m", ViolationCode.OUT_OF_RANGE, f"must be a number, not negative (got {day.length_m})"
        )
    latitude, longitude = day.path_latitude_degrees, day.path_longitude_degrees
    if latitude.shape != longitude.shape or latitude.ndim != 1:
        rule = f"must be one-dimensional and as long as the latitudes (got {longitude.shape} and {latitude.shape})"
        yield Violation("planned_day.path_longitude_degrees", ViolationCode.MALFORMED, rule)
    elif not (_is_on_earth(latitude, longitude)).all():
        yield Violation(
            "planned_day.path_latitude_degrees", ViolationCode.OUT_OF_RANGE, "must be places on the earth, in degrees"
        )
    if len(day.edges) and not (day.edges.min() >= 0 and day.edges.max() < network.edge_count):
        yield Violation(
            "planned_day.edges",
            ViolationCode.UNKNOWN_REFERENCE,
            f"must be edges of the road network, below {network.edge_count}",
        )
    for index, stop in enumerate(day.stops):
        yield from _stop_violations(f"planned_day.stops[{index}]", stop)
    for visit_id, count in Counter(stop.visit_id for stop in day.stops).items():
        if count > 1:
            yield Violation(
                "planned_day.stops",
                ViolationCode.DUPLICATE,
                f"must not name a visit twice ({visit_id!r} comes {count} times)",
            )
    for index, place in enumerate(day.known_places):
        yield from _place_violations(f"planned_day.known_places[{index}]", place)
    for index, allowed in enumerate(day.breaks):
        yield from _break_violations(f"planned_day.breaks[{index}]", allowed)


def _stop_violations(path: str, stop: PlannedStop) -> Iterator[Violation]:
    yield from _place_violations(path, stop)
    if not stop.visit_id:
        yield Violation(f"{path}.visit_id", ViolationCode.REQUIRED, "must not be empty")
    if stop.departure_ms < stop.arrival_ms:
        yield Violation(f"{path}.departure_ms", ViolationCode.EMPTY_WINDOW, "must not be before arrival_ms")
    if stop.latest_arrival_ms < stop.earliest_arrival_ms:
        yield Violation(
            f"{path}.latest_arrival_ms", ViolationCode.EMPTY_WINDOW, "must not be before earliest_arrival_ms"
        )
    if not (math.isfinite(stop.duration_s) and stop.duration_s >= 0.0):
        yield Violation(
            f"{path}.duration_s", ViolationCode.OUT_OF_RANGE, f"must be a number, not negative (got {stop.duration_s})"
        )


def _place_violations(path: str, place: PlannedStop | KnownPlace) -> Iterator[Violation]:
    if not _is_on_earth(np.array([place.latitude_degrees]), np.array([place.longitude_degrees])).all():
        yield Violation(
            f"{path}.latitude_degrees", ViolationCode.OUT_OF_RANGE, "must be a place on the earth, in degrees"
        )
    if not (math.isfinite(place.radius_m) and place.radius_m > 0.0):
        yield Violation(f"{path}.radius_m", ViolationCode.OUT_OF_RANGE, f"must be positive (got {place.radius_m})")


def _break_violations(path: str, allowed: BreakAllowance) -> Iterator[Violation]:
    if allowed.latest_end_ms < allowed.earliest_start_ms:
        yield Violation(f"{path}.latest_end_ms", ViolationCode.EMPTY_WINDOW, "must not be before earliest_start_ms")
    if not (math.isfinite(allowed.duration_s) and allowed.duration_s >= 0.0):
        yield Violation(
            f"{path}.duration_s",
            ViolationCode.OUT_OF_RANGE,
            f"must be a number, not negative (got {allowed.duration_s})",
        )


def _is_on_earth(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    return np.asarray((np.abs(latitude) <= POLE_DEGREES) & (np.abs(longitude) <= HALF_TURN_DEGREES))
