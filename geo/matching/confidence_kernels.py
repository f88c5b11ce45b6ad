"""The compiled pass that reads from a filled trellis how close the decisions along the best path were."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import int64
from geo.matching.path_kernels import LINK_ROAD, Path
from geo.matching.records import Records

WINDOW = int64(5)
"""So many links before and after a link count too."""
MOST_NATS = 20.0
"""Margins count up to so much."""


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


@njit(nogil=True, cache=True)
def link_features(layers: Records, margins: NDArray[np.float64], window: int, most_nats: float) -> NDArray[np.float64]:
    """Collect what the confidence of each link is estimated from.

    Parameters
    ----------
    layers
        ``(t,)`` `LAYER`.
    margins
        ``(t,)`` nats of `link_margins`.
    window
        So many links before and after count too, by the least of their margins.
    most_nats
        Margins count up to so much.

    Returns
    -------
    NDArray[np.float64]
        ``(t, 7)``: one column per name of `geo.matching.confidence.FEATURES`.
    """
    count = len(margins)
    features = np.empty((count, 7))
    for link in range(count):
        after, before = most_nats, most_nats
        for near in range(1, window + 1):
            if link + near < count:
                after = min(after, margins[link + near])
            if link - near >= 0:
                before = min(before, margins[link - near])
        layer = layers[link]
        white_m = 0.0 if math.isnan(layer["white_m"]) else layer["white_m"]
        features[link, 0] = 1.0
        features[link, 1] = math.sqrt(min(margins[link], most_nats))
        features[link, 2] = math.sqrt(after)
        features[link, 3] = math.sqrt(before)
        features[link, 4] = math.log(layer["step_m"] / 100.0 + 0.1)
        features[link, 5] = math.log(max(layer["sigma_m"], 1.0))
        features[link, 6] = math.log(white_m + 3.0)
    return features


@njit(nogil=True, cache=True)
def link_probabilities(
    layers: Records, candidates: Records, steps: Records, path: Path, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate how likely it is that a metre of each link was driven.

    Parameters
    ----------
    layers, candidates, steps
        The filled trellis and the steps of its ways.
    path
        The best path.
    weights
        ``(7,)`` weights of the features.

    Returns
    -------
    NDArray[np.float64]
        ``(t,)`` in [0, 1]; NaN where no road leads to the observation.
    """
    features = link_features(layers, link_margins(candidates, steps, path), WINDOW, MOST_NATS)
    probability = np.empty(len(features))
    for link in range(len(features)):
        log_odds = 0.0
        for feature in range(len(weights)):
            log_odds += weights[feature] * features[link, feature]
        is_road = path.link[link] == LINK_ROAD
        probability[link] = 1.0 / (1.0 + math.exp(-log_odds)) if is_road else math.nan
    return probability
