"""Judges candidates: what it costs to have observed what was observed from each of them.

The error of a position has two parts. White noise differs from one observation to the next. The slow part (drift of
the receiver, reflections in a street, the width of the road) stays the same over some distance, so that observations
close together repeat its evidence instead of adding to it; they weigh less accordingly.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from geo.kernel_types import int64, merged_kernel
from geo.matching.records import Record, Records

_HUBER_BEND = 3.0
_LEAST_STEP_M = 1.0
"""An observation at the place of the one before still counts as one so far on."""


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


@njit(nogil=True, cache=True)
def position_nats(distance_m: float, sigma_m: float) -> float:
    """Cost of an observation at a distance: Gaussian near by, exponential beyond (Huber 1964), to outlive outliers."""
    deviation = distance_m / sigma_m
    if deviation <= _HUBER_BEND:
        return 0.5 * deviation * deviation
    return _HUBER_BEND * deviation - 0.5 * _HUBER_BEND * _HUBER_BEND


@njit(nogil=True, cache=True)
def judge_candidates(edges: Records, layers: Records, candidates: Records, model: EmissionModel) -> Records:
    """Judge all candidates and leave out those that cost far more than the best of their observation.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    layers
        ``(t,)`` `LAYER`; receive their standard deviations and where their candidates lie now.
    candidates
        ``(c,)`` `CANDIDATE`, overwritten.
    model
        What positions cost.

    Returns
    -------
    Records
        The candidates that remain.
    """
    _set_errors(layers, candidates, model)
    kept = int64(0)
    for number in range(len(layers)):
        layer = layers[number]
        start, stop = layer["candidate_first"], layer["candidate_stop"]
        best = _judge(edges, layer, candidates, start, stop, model)
        layer["candidate_first"] = kept
        kept = _prune(candidates, start, stop, kept, best + model.prune_nats, layer["evidence"])
        layer["candidate_stop"] = kept
    return candidates[:kept]


@merged_kernel
def _judge(edges: Records, layer: Record, candidates: Records, start: int, stop: int, model: EmissionModel) -> float:
    """Set the costs of the candidates of one observation as if it were all new evidence; return the least."""
    best = math.inf
    for pair in range(start, stop, 2):
        by_distance = position_nats(float(candidates[pair]["distance_m"]), layer["sigma_m"])
        for place in range(pair, pair + 2):
            candidate = candidates[place]
            nats = by_distance + model.heading_nats * _contradiction(layer, candidate)
            if edges[candidate["edge"]]["is_forbidden"]:
                nats += model.forbidden_nats
            candidate["emission"] = nats
            best = min(best, nats)
    return best


@merged_kernel
def _set_errors(layers: Records, candidates: Records, model: EmissionModel) -> None:
    """Estimate the standard deviation of every observation, and how far it counts as new evidence."""
    drift_2 = _drift_m2(layers, candidates, model)
    for number in range(len(layers)):
        layer = layers[number]
        slow_2, white_2 = drift_2, layer["white_m"] ** 2
        if not math.isnan(layer["device_m"]):
            slow_2 = max(layer["device_m"] ** 2 - white_2, model.floor_m**2)
        layer["sigma_m"] = math.sqrt(slow_2 + white_2)
        layer["evidence"] = 1.0
        if layer["step_m"] < model.correlation_m and not layer["starts_run"]:
            repeats = model.correlation_m / max(layer["step_m"], _LEAST_STEP_M)
            layer["evidence"] = (slow_2 + white_2) / (repeats * slow_2 + white_2)


@merged_kernel
def _drift_m2(layers: Records, candidates: Records, model: EmissionModel) -> float:
    """Estimate the variance of the slow part of the error from the distances to the nearest roads."""
    total = model.guess_weight * model.guess_m**2
    number = model.guess_weight
    white = 0.0
    for row in range(len(layers)):
        layer = layers[row]
        nearest = math.inf
        for place in range(layer["candidate_first"], layer["candidate_stop"]):
            nearest = min(nearest, candidates[place]["distance_m"])
        if nearest < model.ceiling_m * _HUBER_BEND:
            total += (nearest * model.per_nearest) ** 2
            white += layer["white_m"] ** 2
            number += 1.0
    return min(max((total - white) / number, model.floor_m**2), model.ceiling_m**2)


@merged_kernel
def _contradiction(layer: Record, candidate: Record) -> float:
    """Share in [0, 1] by which a road's heading contradicts the movement before and after an observation."""
    before = candidate["east"] * layer["before_east"] + candidate["north"] * layer["before_north"]
    after = candidate["east"] * layer["after_east"] + candidate["north"] * layer["after_north"]
    return float(0.5 * layer["heading_weight"] * (1.0 - max(before, after)))


@merged_kernel
def _prune(candidates: Records, start: int, stop: int, kept: int, limit: float, evidence: float) -> int:
    """Move the candidates that cost no more than a limit to `kept` and on, and weigh them; return where they end."""
    for pair in range(start, stop, 2):
        has_one, has_other = candidates[pair]["emission"] <= limit, candidates[pair + 1]["emission"] <= limit
        if has_one:
            if kept < pair:
                candidates[kept] = candidates[pair]
            candidates[kept]["opposite"] = kept + 1 if has_other else -1
            candidates[kept]["emission"] *= evidence
            kept += 1
        if has_other:
            if kept < pair + 1:
                candidates[kept] = candidates[pair + 1]
            candidates[kept]["opposite"] = kept - 1 if has_one else -1
            candidates[kept]["emission"] *= evidence
            kept += 1
    return kept
