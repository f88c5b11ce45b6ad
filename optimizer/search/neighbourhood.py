"""Decides which visits are near each other, where an insertion is worth a try, and in which order visits go back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.search.options import SearchOptions
from optimizer.search.search_data import (
    CLOSE,
    COST_PER_METRE,
    COST_PER_SECOND,
    FIRST_PLACE,
    LOAD,
    METRES,
    MORE_WINDOWS,
    NEVER,
    OPEN,
    PLACE,
    SECONDS,
    SERVICE,
    UNSERVED,
    WORKER_PROFILE,
    SearchData,
)

_RETRIED_AMONG = 40
"""How many of the nearest visits of a ruin's center may be put in again where they were left out."""
_PRICE_OF_WAITING = 0.2
"""Against travelling, in the measure of Vidal et al. (2013), section 4.2."""


class Neighbourhood(NamedTuple):
    """Where the search looks.

    Parameters
    ----------
    near
        ``(visits, k)`` int32: the nearest visits of each, nearest first.
    is_near
        ``(visits, visits)`` bool: whether the second is the first, or among its nearest few.
    predecessors
        ``(visits, k)`` int32: behind which visits an insertion is tried.
    ways_in
        ``(matrices · visits, k, 2)`` int32: seconds and metres of the way from there, for each matrix. The ways lie
        here side by side because fetching each from its own place in a large table took three quarters of the time.
    soonest_s
        ``(visits, k)`` int32: the shortest of these ways in time.
    successors
        ``(visits, k)`` int32: ahead of which visits it is tried where they are the first of their route.
    sort_keys
        ``(rules, visits)`` float64: removed visits are inserted in ascending order of one of these.
    sort_noise
        ``(rules,)`` float64: a key is multiplied by a random number within 1 ± noise.
    sort_shares
        ``(rules,)`` float64: cumulative probability of each rule.
    """

    near: NDArray[np.int32]
    is_near: NDArray[np.bool_]
    predecessors: NDArray[np.int32]
    ways_in: NDArray[np.int32]
    soonest_s: NDArray[np.int32]
    successors: NDArray[np.int32]
    sort_keys: NDArray[np.float64]
    sort_noise: NDArray[np.float64]
    sort_shares: NDArray[np.float64]


def neighbourhood_of(data: SearchData, nodes: NDArray[np.int32], options: SearchOptions) -> Neighbourhood:
    """Build the lists of a problem.

    Parameters
    ----------
    data, nodes
        From `optimizer.search.problem_tables`.
    options
        How long the lists are.

    Returns
    -------
    Neighbourhood
        Lists are shorter where there are fewer visits.
    """
    cost_s, travel_s = _mean_legs(data)
    proximity = _proximity(data, nodes, cost_s, travel_s)
    either_way = np.minimum(cost_s, cost_s.T)
    np.fill_diagonal(either_way, np.inf)
    keys, noise, shares = _sort_rules(data, nodes)
    predecessors = _smallest(proximity.T, options.tried_neighbours)
    ways_in = _ways_in(data, predecessors)
    near = _smallest(either_way, options.near_visits)
    is_near = np.zeros(either_way.shape, np.bool_)
    np.put_along_axis(is_near, near[:, :_RETRIED_AMONG].astype(np.int64), True, axis=1)  # noqa: FBT003 - a value
    np.fill_diagonal(is_near, True)  # noqa: FBT003 - a value
    return Neighbourhood(
        near=near,
        is_near=is_near,
        predecessors=predecessors,
        ways_in=ways_in.reshape(-1, *ways_in.shape[2:]),
        soonest_s=np.ascontiguousarray(ways_in[..., SECONDS].min(axis=0)),
        successors=_smallest(proximity, options.tried_neighbours),
        sort_keys=keys,
        sort_noise=noise,
        sort_shares=shares,
    )


def _ways_in(data: SearchData, neighbours: NDArray[np.int32]) -> NDArray[np.int32]:
    """Ways from the neighbours of each visit to it, ``(matrices, visits, k, 2)``."""
    matrices = len(data.legs_from) // data.places**2
    ways = data.legs_from.reshape(matrices, data.places, data.places, 2)
    return ways[:, np.arange(len(neighbours))[:, None], neighbours]


def _mean_legs(data: SearchData) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cost (in seconds' worth) and seconds of each leg between visits, ``(n, n)`` each, mean over the workers."""
    visits = len(data.visits)
    cost, travel_s = np.zeros((2, visits, visits))
    profiles, counts = np.unique(data.workers[:, WORKER_PROFILE], return_counts=True)
    for profile, count in zip(profiles, counts, strict=True):
        row = data.profiles[profile]
        first = row[FIRST_PLACE]
        legs = data.legs_to[first : first + data.places**2].reshape(data.places, data.places, 2)[:visits, :visits]
        share = count / len(data.workers)
        travel_s += share * legs[..., SECONDS]
        cost += share * (row[COST_PER_METRE] * legs[..., METRES].astype(np.float64))
        cost += share * (row[COST_PER_SECOND] * legs[..., SECONDS].astype(np.float64))
    if not cost.any():
        return travel_s, travel_s
    return cost * (travel_s.sum() / cost.sum()), travel_s


def _proximity(
    data: SearchData, nodes: NDArray[np.int32], cost_s: NDArray[np.float64], travel_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How well the column's visit follows the row's: way and unavoidable waiting; infinite where it comes too late."""
    visits = len(cost_s)
    opening, service = nodes[:visits, OPEN].astype(np.float64), nodes[:visits, SERVICE]
    closing = _last_closing(data, nodes)
    waiting = np.maximum(0, opening[None] - travel_s - service[:, None] - closing[:, None])
    late = opening[:, None] + service[:, None] + travel_s > closing[None]
    proximity = np.where(late, np.inf, cost_s + _PRICE_OF_WAITING * waiting)
    np.fill_diagonal(proximity, np.inf)
    return proximity


def _last_closing(data: SearchData, nodes: NDArray[np.int32]) -> NDArray[np.float64]:
    closing = nodes[: len(data.visits), CLOSE].astype(np.float64)
    for visit in np.flatnonzero(nodes[: len(data.visits), MORE_WINDOWS] >= 0):
        row = nodes[visit, MORE_WINDOWS]
        while data.windows[row, 0] < NEVER:
            closing[visit] = data.windows[row, 1]
            row += 1
    return closing


def _smallest(values: NDArray[np.float64], count: int) -> NDArray[np.int32]:
    """Columns of the smallest finite values of each row in ascending order, filled up with the first of them."""
    count = min(count, values.shape[1])
    chosen = np.argpartition(values, count - 1, axis=1)[:, :count]
    found = np.take_along_axis(values, chosen, axis=1)
    order = np.lexsort((chosen, found), axis=1)
    chosen = np.take_along_axis(chosen, order, axis=1)
    finite = np.isfinite(np.take_along_axis(found, order, axis=1))
    return np.where(finite, chosen, chosen[:, :1]).astype(np.int32)


def _sort_rules(
    data: SearchData, nodes: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Rules of Christiaens & Vanden Berghe (2020), section 5.2 and 6.2, and two for visits that may be left out.

    A rule by which all visits are alike is left to chance.
    """
    visits = len(data.visits)
    table = nodes[:visits]
    opening, width = table[:, OPEN], table[:, CLOSE].astype(np.float64) - table[:, OPEN]
    first_start = nodes[visits, PLACE]
    far_s = data.legs_from[first_start : visits * data.places + first_start : data.places, SECONDS]
    price = data.visits[:, UNSERVED].astype(np.float64)
    weight_noise_key = (
        (4.0, 0.0, np.zeros(visits)),
        (4.0, 0.0, -data.visits[:, LOAD].astype(np.float64)),
        (2.0, 0.0, -far_s.astype(np.float64)),
        (1.0, 0.0, far_s.astype(np.float64)),
        (2.0, 0.0, width),
        (2.0, 0.0, opening.astype(np.float64)),
        (2.0, 0.0, -table[:, CLOSE].astype(np.float64)),
        (4.0, 0.5, -price),
        (3.0, 0.3, -price / np.maximum(1, table[:, SERVICE])),
        (3.0, 0.0, -table[:, SERVICE].astype(np.float64)),
    )
    telling = [row for row in weight_noise_key if np.ptp(row[2]) > 0]
    rules = [weight_noise_key[0], *telling]
    weights = np.array([row[0] for row in rules])
    return (
        np.stack([row[2] for row in rules]),
        np.array([row[1] for row in rules]),
        np.cumsum(weights) / weights.sum(),
    )
