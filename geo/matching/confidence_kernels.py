"""The compiled pass that reads from a filled trellis how close the decisions along the best path were."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.matching.path_kernels import LINK_ROAD, Path
from geo.matching.records import Records


@njit(nogil=True, cache=True)
def link_margins(candidates: Records, steps: Records, path: Path) -> NDArray[np.float64]:
    """Find by how much the best other history would have been dearer at each observation of the best path.

    This is the reliability of the soft-output Viterbi algorithm (Hagenauer and Hoeher, "A Viterbi algorithm with
    soft-decision outputs and its applications", GLOBECOM 1989, section II) before it is carried back along the path:
    the difference in cost between the survivor and the best path that merges with it here. Other ways through the roads
    between two observations merge at edges; the closest of them counts.

    Parameters
    ----------
    candidates, steps
        The filled trellis and the steps of its ways.
    path
        The best path.

    Returns
    -------
    NDArray[np.float64]
        ``(t,)`` nats per observation, for the link that leads to it; infinite where no road leads to it.
    """
    margins = np.full(len(path.link), math.inf)
    for number in range(len(margins)):
        state = path.candidate[number]
        if state < 0 or path.link[number] != LINK_ROAD:
            continue
        margin = float(candidates[state]["margin"])
        step = candidates[state]["way"]
        while step >= 0:
            margin = min(margin, float(steps[step]["margin"]))
            step = steps[step]["before"]
        margins[number] = max(0.0, margin)
    return margins
