"""What counts as a visit: the numbers that a company may set, each with what it decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geo.audit.planned_day import PlannedDay
from geo.tracks.stays import StayOptions


@dataclass(frozen=True)
class VisitOptions:
    """What counts as a visit.

    Parameters
    ----------
    assumed_accuracy_m
        68 % radius of a fix where the device gave none.
    best_accuracy_m
        No fix is believed to be better than this, whatever the device says.
    accuracy_factor
        A fix proves that the worker was elsewhere only where it lies this many accuracies beyond the radius of the
        visit.
    min_presence_s, min_presence_share, sure_presence_s
        Standing at a customer for less than this share of the planned service, but at least the first and at most the
        last of these times, is no visit at all, as it may be a red light.
    enough_share
        A visit is too short where the fixes leave less than this share of the planned service for it.
    late_tolerance_s
        Seconds after the end of the window that still count as in time.
    max_speed_mps
        Nobody travels faster in a straight line: how long before and after a fix the worker cannot have been at a
        distant customer.
    same_place_m
        Customers whose distances to a stay differ by less than this cannot be told apart by it.
    min_unplanned_s
        Shorter stays that no visit explains are not listed.
    """

    assumed_accuracy_m: float = 20.0
    best_accuracy_m: float = 10.0
    accuracy_factor: float = 2.5
    min_presence_s: float = 60.0
    min_presence_share: float = 0.25
    sure_presence_s: float = 180.0
    enough_share: float = 0.5
    late_tolerance_s: float = 60.0
    max_speed_mps: float = 40.0
    same_place_m: float = 20.0
    min_unplanned_s: float = 300.0

    def __post_init__(self) -> None:
        """Refuse numbers that no visit can meet."""
        for name, value in vars(self).items():
            if not value >= 0.0:
                message = f"{name} must not be negative (got {value})"
                raise ValueError(message)
        if not self.max_speed_mps > 0.0:
            message = f"max_speed_mps must be positive (got {self.max_speed_mps})"
            raise ValueError(message)
        if not self.min_presence_s <= self.sure_presence_s:
            message = f"sure_presence_s must not be less than min_presence_s (got {self.sure_presence_s})"
            raise ValueError(message)

    def presence_needed_s(self, duration_s: float) -> float:
        """Shortest presence that counts as a visit at all.

        Parameters
        ----------
        duration_s
            Planned service time.

        Returns
        -------
        float
            Seconds.
        """
        return min(max(self.min_presence_s, self.min_presence_share * duration_s), self.sure_presence_s)

    def stay_options(self, planned_day: PlannedDay | None, matching: StayOptions) -> StayOptions:
        """Say how long a worker must stand still for a stay, given what was planned.

        Parameters
        ----------
        planned_day
            The plan, where there is one.
        matching
            What the matcher calls a stay.

        Returns
        -------
        StayOptions
            The same, but short enough for the shortest planned visit.
        """
        needed_s = [self.presence_needed_s(stop.duration_s) for stop in planned_day.stops] if planned_day else []
        return replace(matching, min_duration_s=min([matching.min_duration_s, *needed_s]))
