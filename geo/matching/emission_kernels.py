"""Judges candidates: what it costs to have observed what was observed from each of them.

Costs here and in the other kernels of matching are negative logarithms of probabilities ("nats"), up to a constant.

The error of a position has two parts. White noise differs from one observation to the next. The slow part (drift of
the receiver, reflections in a street, the width of the road) stays the same over some distance, so that observations
close together repeat its evidence instead of adding to it; they weigh less accordingly.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.matching.candidate_kernels import Candidates
from geo.matching.observation_kernels import Observations
from geo.matching.road_graph import MatchingGraph

_HUBER_BEND = 3.0


class EmissionModel(NamedTuple):
    """What positions cost.

    Parameters
    ----------
    guess_m, guess_weight
        Standard deviation per axis of the position error before anything is known, and the number of observations
        that this guess counts for.
    per_nearest
        The error of a track, where the device gives none, is the root mean square distance to the nearest roads times
        this: another road may be nearer than the true one.
    floor_m, ceiling_m
        Bounds of the slow part of the error.
    correlation_m
        The slow part stays the same over about so many metres.
    heading_nats
        Weight of the direction of movement where it is known.
    forbidden_nats
        Cost of being on an edge that the profile may not use.
    prune_nats
        Candidates that cost so much more than the best are left out.
    """

    guess_m: float
    guess_weight: float
    per_nearest: float
    floor_m: float
    ceiling_m: float
    correlation_m: float
    heading_nats: float
    forbidden_nats: float
    prune_nats: float


class Emissions(NamedTuple):
    """What candidates cost.

    Parameters
    ----------
    nats
        ``(c,)`` float32 per candidate.
    sigma_m, weight
        ``(t,)`` float64 per observation: standard deviation per axis, and how far it counts as new evidence.
    """

    nats: NDArray[np.float32]
    sigma_m: NDArray[np.float64]
    weight: NDArray[np.float64]


@njit(nogil=True, cache=True)
def position_nats(distance_m: float, sigma_m: float) -> float:
    """Cost of an observation at a distance: Gaussian near by, exponential beyond (Huber 1964), to outlive outliers."""
    deviation = distance_m / sigma_m
    if deviation <= _HUBER_BEND:
        return 0.5 * deviation * deviation
    return _HUBER_BEND * deviation - 0.5 * _HUBER_BEND * _HUBER_BEND


@njit(nogil=True, cache=True)
def judge_candidates(
    graph: MatchingGraph, observations: Observations, candidates: Candidates, model: EmissionModel
) -> tuple[Candidates, Emissions]:
    """Judge all candidates and leave out those that cost far more than the best of their observation.

    Parameters
    ----------
    graph
        The roads.
    observations, candidates
        What was observed, and where it may have been. The arrays of the candidates are overwritten.
    model
        What positions cost.

    Returns
    -------
    tuple[Candidates, Emissions]
        The candidates that remain, and what they cost.
    """
    count = len(observations.white_m)
    sigma_m, weight = _errors(observations, candidates, model)
    nats = np.empty(len(candidates.edge), np.float32)
    kept = 0
    start = candidates.first[0]
    for layer in range(count):
        stop = candidates.first[layer + 1]
        best = math.inf
        for candidate in range(start, stop):
            cost = position_nats(candidates.distance_m[candidate], sigma_m[layer])
            cost += model.heading_nats * _contradiction(observations, layer, candidates.heading[candidate])
            if graph.is_forbidden[candidates.edge[candidate]]:
                cost += model.forbidden_nats
            nats[candidate] = cost
            best = min(best, cost)
        first_kept = kept
        kept = _prune(candidates, nats, start, stop, kept, best + model.prune_nats)
        for candidate in range(first_kept, kept):
            nats[candidate] *= weight[layer]
        candidates.first[layer + 1] = kept
        start = stop
    remaining = Candidates(
        candidates.first,
        candidates.edge[:kept],
        candidates.along_m[:kept],
        candidates.distance_m[:kept],
        candidates.heading[:kept],
        candidates.opposite[:kept],
    )
    return remaining, Emissions(nats[:kept], sigma_m, weight)


@njit(nogil=True, cache=True)
def _errors(
    observations: Observations, candidates: Candidates, model: EmissionModel
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate the standard deviation of every observation, and how far it counts as new evidence."""
    count = len(observations.white_m)
    drift_2 = _drift_m2(observations, candidates, model)
    sigma_m, weight = np.empty(count), np.ones(count)
    for layer in range(count):
        slow_2, white_2 = drift_2, observations.white_m[layer] ** 2
        if not math.isnan(observations.device_m[layer]):
            slow_2 = max(observations.device_m[layer] ** 2 - white_2, model.floor_m**2)
        sigma_m[layer] = math.sqrt(slow_2 + white_2)
        if 0.0 < observations.step_m[layer] < model.correlation_m:
            repeats = model.correlation_m / observations.step_m[layer]
            weight[layer] = (slow_2 + white_2) / (repeats * slow_2 + white_2)
    return sigma_m, weight


@njit(nogil=True, cache=True)
def _drift_m2(observations: Observations, candidates: Candidates, model: EmissionModel) -> float:
    """Estimate the variance of the slow part of the error from the distances to the nearest roads."""
    total = model.guess_weight * model.guess_m**2
    number = model.guess_weight
    white = 0.0
    for layer in range(len(observations.white_m)):
        nearest = math.inf
        for candidate in range(candidates.first[layer], candidates.first[layer + 1]):
            nearest = min(nearest, candidates.distance_m[candidate])
        if nearest < model.ceiling_m * _HUBER_BEND:
            total += (nearest * model.per_nearest) ** 2
            white += observations.white_m[layer] ** 2
            number += 1.0
    return min(max((total - white) / number, model.floor_m**2), model.ceiling_m**2)


@njit(nogil=True, cache=True)
def _contradiction(observations: Observations, layer: int, heading: float) -> float:
    """Share in [0, 1] by which a heading contradicts the movement before and after the observation."""
    weight = observations.heading_weight[layer]
    if weight == 0.0:
        return 0.0
    before = 1.0 - math.cos(heading - observations.heading_before[layer])
    after = 1.0 - math.cos(heading - observations.heading_after[layer])
    return float(0.5 * weight * min(before, after))


@njit(nogil=True, cache=True)
def _prune(candidates: Candidates, nats: NDArray[np.float32], start: int, stop: int, kept: int, limit: float) -> int:
    """Move the candidates that cost no more than a limit to `kept` and on; return where they end."""
    for pair in range(start, stop, 2):
        has_one, has_other = nats[pair] <= limit, nats[pair + 1] <= limit
        if has_one:
            _move(candidates, nats, pair, kept)
            candidates.opposite[kept] = kept + 1 if has_other else -1
            kept += 1
        if has_other:
            _move(candidates, nats, pair + 1, kept)
            candidates.opposite[kept] = kept - 1 if has_one else -1
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def _move(candidates: Candidates, nats: NDArray[np.float32], origin: int, target: int) -> None:
    candidates.edge[target] = candidates.edge[origin]
    candidates.along_m[target] = candidates.along_m[origin]
    candidates.distance_m[target] = candidates.distance_m[origin]
    candidates.heading[target] = candidates.heading[origin]
    nats[target] = nats[origin]
