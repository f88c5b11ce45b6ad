"""Decides which edges belong together: places on edges of one component can reach each other both ways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.roads.component_kernels import TurnRules, strong_components


def edge_components(rules: TurnRules) -> NDArray[np.int32]:
    """Find the strongly connected components and number them, 0 the one with the most edges.

    Turn rules count: an edge that only a forbidden turn leads to is not in the component that it leaves for.
    Restrictions over more than two edges do not.

    Parameters
    ----------
    rules
        Which edge may follow which.

    Returns
    -------
    NDArray[np.int32]
        ``(m,)``; ``-1`` for edges that are not usable. Of two components of the same size, the one that holds the
        edge of the smallest number comes first.
    """
    component = strong_components(rules)
    numbered = component[component >= 0]
    if not len(numbered):
        return component
    sizes = np.bincount(numbered)
    first_edge = np.full(len(sizes), len(component), np.int64)
    np.minimum.at(first_edge, numbered, np.flatnonzero(component >= 0))
    rank = np.empty(len(sizes), np.int32)
    rank[np.lexsort((first_edge, -sizes))] = np.arange(len(sizes), dtype=np.int32)
    return np.where(component >= 0, rank[component], np.int32(-1)).astype(np.int32)
