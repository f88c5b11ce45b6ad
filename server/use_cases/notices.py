"""What an answer says beside its result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class NoticeCode(Enum):
    """The kinds of notice; those of `odograph.v1.Notice`."""

    COORDINATE_SYSTEM_DOUBTFUL = "coordinate_system_doubtful"
    FAR_FROM_ROAD = "far_from_road"
    MANDATORY_VISIT_UNPLANNED = "mandatory_visit_unplanned"
    SEARCH_CUT_SHORT = "search_cut_short"
    OUTSIDE_WORKING_HOURS = "outside_working_hours"
    RULES_BEYOND_SEARCH = "rules_beyond_search"
    PLAN_NOT_CONFIRMED = "plan_not_confirmed"
    NEARER_ROAD_CUT_OFF = "nearer_road_cut_off"
    ROAD_CLOSED_AT_DEPARTURE = "road_closed_at_departure"
    OUTSIDE_ROAD_NETWORK = "outside_road_network"
    DUPLICATE_PLACE = "duplicate_place"
    INSTANT_WINDOW = "instant_window"


@dataclass(frozen=True)
class Notice:
    """Something that did not stop the call but that its caller should look at.

    Parameters
    ----------
    code
        For machines.
    field
        Path of the request field that it is about; empty: the whole request.
    description
        For people, in one sentence without coordinates.
    """

    code: NoticeCode
    field: str
    description: str

    def inside(self, prefix: str) -> Notice:
        """Return the same notice seen from the message that holds this one in field `prefix`."""
        return replace(self, field=f"{prefix}.{self.field}")
