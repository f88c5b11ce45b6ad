"""Says what OSM's conditions forbid at the moment at which somebody passed.

Conditions are read in the local time of the place. Whether a day is a public holiday is not known here: what a
condition forbids is forbidden only if it is so on holidays and on other days alike. School holidays are not known
either: what depends on them is never said to be forbidden. Without a time zone nothing that
has conditions is judged at all; and UTC is none, because it is what is said where nobody named one, and no sign beside
a road speaks it: hours that are off by the offset of a country would accuse the wrong drivers.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo.roads.conditions import ConditionKind, condition_holds, condition_kind
from geo.roads.network import EdgeFlag, RoadNetwork

_MILLISECONDS = 1000.0
_HOLIDAY_OR_NOT = (False, True)
_NOWHERE = frozenset({"UTC", "Etc/UTC"})


class RulesAtTimes:
    """What a network forbids, moment by moment.

    Parameters
    ----------
    network
        The roads.
    zone
        Time zone of their clocks; None, or UTC, where it is not known.
    """

    def __init__(self, network: RoadNetwork, zone: ZoneInfo | None) -> None:
        self._network, self._zone = network, None if zone is None or zone.key in _NOWHERE else zone
        self._holds: dict[tuple[int, int], tuple[bool | None, bool | None]] = {}

    def is_forbidden(self, edges: NDArray[np.int32], entry_ms: NDArray[np.int64], end_ms: int) -> NDArray[np.bool_]:
        """Say which edges of a path the profile may not use while it is on them.

        Parameters
        ----------
        edges, entry_ms
            ``(e,)`` edges, and Unix milliseconds at which each is entered.
        end_ms
            When the last one is left.

        Returns
        -------
        NDArray[np.bool_]
            ``(e,)``: forbidden from entering to leaving.
        """
        forbidden = (self._network.edge_flags[edges] & EdgeFlag.FORBIDDEN) != 0
        leave_ms = np.append(entry_ms[1:], end_ms)
        for place in np.flatnonzero(np.isin(edges, self._edges_at_times)).tolist():
            moments = int(entry_ms[place]), int(leave_ms[place])
            forbidden[place] = all(self._is_shut(int(edges[place]), at_ms) for at_ms in moments)
        return np.asarray(forbidden)

    def holds(self, condition: int, at_ms: int) -> bool:
        """Say whether a condition holds, on holidays and on other days alike.

        Parameters
        ----------
        condition
            Place in ``RoadNetwork.conditions``; negative for what always holds.
        at_ms
            Unix milliseconds.

        Returns
        -------
        bool
            False where that cannot be told.
        """
        return condition < 0 or (self._zone is not None and all(self._by_holiday(condition, at_ms)))

    @cached_property
    def _edges_at_times(self) -> NDArray[np.int32]:
        return np.unique(self._network.conditional_edge)

    def _is_shut(self, edge: int, at_ms: int) -> bool:
        """Whether an edge with conditions may not be used, on holidays and on other days alike."""
        if self._zone is None:
            return False
        network = self._network
        first, stop = np.searchsorted(network.conditional_edge, [edge, edge + 1])
        rows = range(first, stop)
        flags = (self._flags(edge, rows, at_ms, holiday=holiday) for holiday in _HOLIDAY_OR_NOT)
        return all(each is not None and each & EdgeFlag.FORBIDDEN for each in flags)

    def _flags(self, edge: int, rows: range, at_ms: int, *, holiday: bool) -> int | None:
        """Return the flags of an edge at a moment: of its rows whose conditions hold, the last one counts.

        None where that cannot be told.
        """
        network = self._network
        for row in reversed(rows):
            is_held = self._by_holiday(int(network.conditional_edge_condition[row]), at_ms)[holiday]
            if is_held is None:
                return None
            if is_held:
                return int(network.conditional_edge_flags[row])
        return int(network.edge_flags[edge])

    def _by_holiday(self, condition: int, at_ms: int) -> tuple[bool | None, bool | None]:
        """Whether a condition holds at a moment that is on no public holiday, and on one; None if it cannot be told."""
        key = condition, at_ms
        if key not in self._holds:
            text = self._network.conditions[condition]
            if condition_kind(text) is ConditionKind.SCHOOL_HOLIDAYS:
                return None, None
            when = datetime.fromtimestamp(at_ms / _MILLISECONDS, self._zone)
            ordinary, holiday = (condition_holds(text, when, is_public_holiday=one) for one in _HOLIDAY_OR_NOT)
            self._holds[key] = ordinary, holiday
        return self._holds[key]
