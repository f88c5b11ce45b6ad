"""What holds now on an unchanged road network: other speeds, closures, and OSM's conditions at a moment.

An overlay changes durations and shuts edges and turns; `geo.routing.router.Router.with_speeds` makes a router from it
in a fraction of a second. An edge that is usable under some condition only has its place in every index, shut while no
such condition holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.roads.conditions import condition_holds, holds_without_departure
from geo.roads.network import LONGEST_EDGE_MS, EdgeFlag, RoadClass, RoadNetwork


@dataclass(frozen=True, eq=False)
class SpeedOverlay:
    """What holds now on a network of ``m`` edges and ``c`` conditions.

    Parameters
    ----------
    edge_duration_ms
        ``(m,)`` int32 duration of each edge, at least 1.
    closed
        ``(m,)`` bool: whether the edge cannot be used now.
    active_conditions
        ``(c,)`` bool: which of ``RoadNetwork.conditions`` hold.
    """

    edge_duration_ms: NDArray[np.int32]
    closed: NDArray[np.bool_]
    active_conditions: NDArray[np.bool_]

    @classmethod
    def of_network(cls, network: RoadNetwork, *, when: datetime | None = None, holiday: bool = False) -> SpeedOverlay:
        """Take the network's own speeds, at a moment or at none.

        Parameters
        ----------
        network
            The road network.
        when
            A moment in local time. Without it nothing that OSM names is active, and what must not hold then does not
            (`geo.roads.conditions.holds_without_departure`). A condition that cannot be told from the time alone
            (weight, weather) is not active either.
        holiday
            Whether that day is a public holiday.

        Returns
        -------
        SpeedOverlay
            The overlay.
        """
        active = np.array(
            [
                holds_without_departure(text)
                if when is None
                else condition_holds(text, when, is_public_holiday=holiday) is True
                for text in network.conditions
            ],
            np.bool_,
        )
        duration_ms, flags = network.edge_duration_ms.copy(), flags_under(network, active)
        rows = _rows_in_force(network, active)
        duration_ms[network.conditional_edge[rows]] = network.conditional_edge_duration_ms[rows]
        return cls(duration_ms, (flags & EdgeFlag.FORBIDDEN) != 0, active)

    def with_durations(self, edges: NDArray[np.integer], duration_ms: NDArray[np.integer]) -> SpeedOverlay:
        """Set the durations of some edges, for example from live traffic.

        Parameters
        ----------
        edges
            ``(k,)`` edges.
        duration_ms
            ``(k,)`` durations in milliseconds.

        Returns
        -------
        SpeedOverlay
            A changed copy.

        Raises
        ------
        InvalidGeoInputError
            A duration or an edge is out of range.
        """
        self._require_edges(edges)
        wrong = np.flatnonzero((duration_ms < 1) | (duration_ms > LONGEST_EDGE_MS))
        if len(wrong):
            rule = f"must be 1 to {LONGEST_EDGE_MS} ms"
            raise InvalidGeoInputError(
                tuple(
                    Violation(f"duration_ms[{index}]", ViolationCode.OUT_OF_RANGE, f"{rule} (got {duration_ms[index]})")
                    for index in wrong
                )
            )
        changed = self.edge_duration_ms.copy()
        changed[edges] = duration_ms
        return replace(self, edge_duration_ms=changed)

    def with_speed_factors(self, network: RoadNetwork, factors: NDArray[np.float64]) -> SpeedOverlay:
        """Multiply the speeds of each road class.

        Parameters
        ----------
        network
            The road network.
        factors
            ``(26,)`` float64 by `RoadClass`: 0.5 means half as fast.

        Returns
        -------
        SpeedOverlay
            A changed copy; durations are rounded to milliseconds.

        Raises
        ------
        InvalidGeoInputError
            There is not one positive finite factor per road class.
        """
        require_factors(factors, (len(RoadClass),))
        duration_ms = np.rint(self.edge_duration_ms / factors[network.edge_road_class])
        return replace(self, edge_duration_ms=np.clip(duration_ms, 1, LONGEST_EDGE_MS).astype(np.int32))

    def with_closures(self, edges: NDArray[np.integer]) -> SpeedOverlay:
        """Shut some edges.

        Parameters
        ----------
        edges
            ``(k,)`` edges; their opposite directions stay as they are.

        Returns
        -------
        SpeedOverlay
            A changed copy.

        Raises
        ------
        InvalidGeoInputError
            An edge is out of range.
        """
        self._require_edges(edges)
        closed = self.closed.copy()
        closed[edges] = True
        return replace(self, closed=closed)

    def _require_edges(self, edges: NDArray[np.integer]) -> None:
        """Refuse edges that the network does not have."""
        wrong = np.flatnonzero((edges < 0) | (edges >= len(self.closed)))
        if len(wrong):
            rule = f"must be an edge of the network, 0 to {len(self.closed) - 1}"
            raise InvalidGeoInputError(
                tuple(
                    Violation(f"edges[{index}]", ViolationCode.UNKNOWN_REFERENCE, f"{rule} (got {edges[index]})")
                    for index in wrong
                )
            )


def flags_under(network: RoadNetwork, active_conditions: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Return the flags of the edges while some conditions hold.

    Parameters
    ----------
    network
        The road network.
    active_conditions
        ``(c,)`` bool: which of ``RoadNetwork.conditions`` hold.

    Returns
    -------
    NDArray[np.uint16]
        ``(m,)`` `EdgeFlag` of each edge.
    """
    flags = network.edge_flags.copy()
    rows = _rows_in_force(network, active_conditions)
    flags[network.conditional_edge[rows]] = network.conditional_edge_flags[rows]
    return flags


def _rows_in_force(network: RoadNetwork, active_conditions: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of the conditional edges that count: of each edge, the last one whose condition holds."""
    rows = np.flatnonzero(active_conditions[network.conditional_edge_condition])
    edge = network.conditional_edge[rows]
    return np.asarray(rows[np.append(edge[1:] != edge[:-1], True)[: len(rows)]])


def require_factors(factors: NDArray[np.float64], shape: tuple[int, ...]) -> None:
    """Refuse speed factors that are not positive and finite, or not as many as there should be.

    Parameters
    ----------
    factors
        Speed factors.
    shape
        The shape they must have.

    Raises
    ------
    InvalidGeoInputError
        Names every wrong factor.
    """
    if factors.shape != shape:
        violation = Violation("factors", ViolationCode.MALFORMED, f"must have shape {shape} (got {factors.shape})")
        raise InvalidGeoInputError((violation,))
    wrong = np.argwhere(~(np.isfinite(factors) & (factors > 0)))
    if len(wrong):
        raise InvalidGeoInputError(
            tuple(
                Violation(
                    f"factors[{', '.join(map(str, place))}]", ViolationCode.OUT_OF_RANGE, "must be positive and finite"
                )
                for place in wrong.tolist()
            )
        )
