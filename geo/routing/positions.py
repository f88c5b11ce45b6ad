"""Positions on the road network: the shared form in which snapping, routing and matching name a place on an edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RoadPositions:
    """``n`` places on edges, as arrays.

    A place on a two-way road may be left in both directions: routing follows ``RoadNetwork.edge_reverse`` where that
    edge is not forbidden, unless `one_direction` is set.

    Parameters
    ----------
    edge
        ``(n,)`` int32 edge; ``-1`` where no road was found.
    fraction
        ``(n,)`` float64 in [0, 1]: share of the edge's length between its tail and the place.
    distance_m
        ``(n,)`` float64 metres between the asked place and the road; NaN where no road was found.
    side
        ``(n,)`` int8: ``-1`` the asked place lies left of the edge, ``1`` right, ``0`` on it.
    component
        ``(n,)`` int32 component of the edge (``RoadNetwork.edge_component``); ``-1`` where no road was found.
    one_direction
        Whether the place may be left and entered along `edge` only (as matching needs).
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    side: NDArray[np.int8]
    component: NDArray[np.int32]
    one_direction: bool = False

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.edge)

    def only(self, index: int) -> RoadPositions:
        """Take one place.

        Parameters
        ----------
        index
            Which of them.

        Returns
        -------
        RoadPositions
            That place alone.
        """
        one = slice(index, index + 1)
        return RoadPositions(
            self.edge[one],
            self.fraction[one],
            self.distance_m[one],
            self.side[one],
            self.component[one],
            self.one_direction,
        )
