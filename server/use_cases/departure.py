"""When ways are driven: roads and turns that are open, closed or slower at certain times are taken as they are then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geo.routing.router import Router
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation

FIELD = "departure"
END_OF_CALENDAR_S = 253_370_764_800
"""The beginning of the year 9999: later moments have no local time in every zone."""


@dataclass(frozen=True)
class Departure:
    """A moment to depart at.

    Parameters
    ----------
    time_s
        Unix seconds; None where the request does not say.
    time_zone
        IANA name of the time zone of the roads.
    is_public_holiday
        Whether that day is a public holiday there.
    """

    time_s: int | None
    time_zone: str
    is_public_holiday: bool = False

    @property
    def local_time(self) -> datetime:
        """The moment on the clocks beside the road; to be asked only where there are no violations."""
        return datetime.fromtimestamp(self.time_s or 0, UTC).astimezone(ZoneInfo(self.time_zone))


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
        yield FieldViolation(f"{FIELD}.time", "is required")
    elif not 0 <= departure.time_s < END_OF_CALENDAR_S:
        yield FieldViolation(f"{FIELD}.time", "must be between the years 1970 and 9998")
    try:
        ZoneInfo(departure.time_zone)
    except (ValueError, OSError, KeyError):
        yield FieldViolation(
            f"{FIELD}.time_zone", f"must be the IANA name of a time zone (got {departure.time_zone!r})"
        )


def router_at(opened: OpenNetwork, departure: Departure | None) -> Router:
    """Return the router of a departure; without one, that of the network's own speeds and rules."""
    if departure is None:
        return opened.router
    return opened.router_at(departure.local_time, holiday=departure.is_public_holiday)
