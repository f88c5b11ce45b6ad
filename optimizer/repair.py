"""Decides what of given routes can stay where they break a rule: as much as keeps every one."""

from __future__ import annotations

from optimizer.insertion import Orders, may_join, route_value
from optimizer.problem_arrays import ProblemArrays
from optimizer.route_kernels import POSSIBLE


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
        wanted = tuple(visit for visit, may in zip(order, allowed, strict=True) if may)
        if route_value(arrays, worker, wanted).verdict != POSSIBLE:
            wanted = _one_after_the_other(arrays, worker, wanted)
        kept = (*kept[:worker], wanted, *kept[worker + 1 :])
    return kept


def _one_after_the_other(arrays: ProblemArrays, worker: int, order: tuple[int, ...]) -> tuple[int, ...]:
    kept: tuple[int, ...] = ()
    for visit in order:
        if route_value(arrays, worker, (*kept, visit)).verdict == POSSIBLE:
            kept = (*kept, visit)
    return kept
