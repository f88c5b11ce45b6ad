"""Other speeds, closures and conditions on an unchanged road network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork


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
    def of_network(cls, network: RoadNetwork) -> SpeedOverlay:
        """Take the network as it is: its own durations, nothing closed, no condition active.

        Parameters
        ----------
        network
            The road network.

        Returns
        -------
        SpeedOverlay
            The neutral overlay.
        """
        return cls(
            edge_duration_ms=network.edge_duration_ms,
            closed=np.zeros(network.edge_count, np.bool_),
            active_conditions=np.zeros(len(network.conditions), np.bool_),
        )
