"""What a hierarchy costs at given speeds: everything that a search reads, made new in a fraction of a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import read_only
from geo.routing.customization_kernels import (
    NO_MIDDLE,
    ArcCosts,
    DetourCosts,
    SearchArcs,
    cost_shortcuts,
    keep_fastest,
    mark_detours,
)
from geo.routing.hierarchy import Hierarchy
from geo.routing.travel_keys import NO_PATH


@dataclass(frozen=True, eq=False)
class CustomizedHierarchy:
    """The arcs that lie on fastest paths at one set of speeds.

    Parameters
    ----------
    up, down
        Arcs to higher ranks and from higher ranks, each at its lower end.
    """

    up: SearchArcs
    down: SearchArcs

    def __post_init__(self) -> None:
        """Make the arrays read-only: they are shared."""
        for array in (*self.up, *self.down):
            read_only(array)


def customize(hierarchy: Hierarchy, arc_keys: NDArray[np.int64]) -> CustomizedHierarchy:
    """Find the costs of all shortcuts and keep the arcs that fastest paths use.

    Parameters
    ----------
    hierarchy
        Order and shortcuts.
    arc_keys
        ``(a,)`` key of each arc of the turn graph; `NO_PATH` where it cannot be used.

    Returns
    -------
    CustomizedHierarchy
        Ready to be searched.
    """
    up_count, count = len(hierarchy.up_end), len(hierarchy.up_end) + len(hierarchy.down_end)
    key, middle = np.full(count, NO_PATH, np.int64), np.full(count, NO_MIDDLE, np.int32)
    has_slot = hierarchy.arc_slot >= 0
    np.minimum.at(key, hierarchy.arc_slot[has_slot], arc_keys[has_slot])
    up_costs = ArcCosts(key[:up_count], middle[:up_count])
    down_costs = ArcCosts(key[up_count:], middle[up_count:])
    cost_shortcuts(hierarchy.up, up_costs, hierarchy.down, down_costs)
    up_detours = DetourCosts(up_costs.key, np.zeros(up_count, np.bool_))
    down_detours = DetourCosts(down_costs.key, np.zeros(count - up_count, np.bool_))
    arc_to = np.full(len(hierarchy.parent), -1, np.int64)
    mark_detours(hierarchy.up, up_detours, hierarchy.down, down_detours, arc_to)
    return CustomizedHierarchy(
        up=keep_fastest(hierarchy.up, up_costs, up_detours.is_detour),
        down=keep_fastest(hierarchy.down, down_costs, down_detours.is_detour),
    )
