"""Decides what of given routes can stay where they break a rule: as much as keeps every one."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.insertion.insertion import Orders, route_value
from optimizer.insertion.joining import may_join, partner_of
from optimizer.problem_arrays import ProblemArrays
from optimizer.routes.route_kernels import POSSIBLE


def keep_what_fits(arrays: ProblemArrays, orders: Orders) -> Orders:
    """Take visits out of routes until every rule is kept.

    Parameters
    ----------
    arrays
        The problem.
    orders
        Routes that may break rules.

    Returns
    -------
    Orders
        The same routes without the visits that, put in one after the other, would have broken a rule. A route that
        breaks none beside those already looked at stays whole.
    """
    kept: Orders = ((),) * len(orders)
    for worker, order in enumerate(orders):
        others = (*kept[:worker], (), *kept[worker + 1 :])
        allowed = may_join(arrays, others, worker, order)
        wanted = _whole_deliveries(arrays, [visit for visit, may in zip(order, allowed, strict=True) if may])
        if route_value(arrays, worker, wanted).verdict != POSSIBLE:
            wanted = _one_after_the_other(arrays, worker, wanted)
        kept = (*kept[:worker], wanted, *kept[worker + 1 :])
    return kept


def _one_after_the_other(arrays: ProblemArrays, worker: int, order: tuple[int, ...]) -> tuple[int, ...]:
    kept: tuple[int, ...] = ()
    for visit in order:
        joining = {*kept, visit, partner_of(arrays, visit)}
        longer = tuple(one for one in order if one in joining)
        if visit not in kept and route_value(arrays, worker, longer).verdict == POSSIBLE:
            kept = longer
    return kept


def _whole_deliveries(arrays: ProblemArrays, order: Sequence[int]) -> tuple[int, ...]:
    """Leave out the visits whose other half is not there."""
    return tuple(visit for visit in order if partner_of(arrays, visit) in (None, *order))
