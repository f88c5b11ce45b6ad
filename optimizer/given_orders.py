"""Decides whether orders of visits that come from outside fit a problem at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.errors import InvalidProblemError, Violation, ViolationCode
from optimizer.insertion.insertion import Orders
from optimizer.problem import Problem


def validate_orders(problem: Problem, orders: Sequence[Sequence[int]]) -> Orders:
    """Check orders given by a caller: one per worker, known visits, each at most once.

    Parameters
    ----------
    problem
        The problem.
    orders
        Per worker the visits in order.

    Returns
    -------
    Orders
        The same, as tuples.

    Raises
    ------
    InvalidProblemError
        With every broken rule, for example at ``orders[2][5]``.
    """
    violations = tuple(_violations(problem, orders))
    if violations:
        raise InvalidProblemError(violations)
    return tuple(tuple(int(visit) for visit in order) for order in orders)


def _violations(problem: Problem, orders: Sequence[Sequence[int]]) -> Iterator[Violation]:
    if len(orders) != len(problem.workers):
        yield Violation(
            "orders", ViolationCode.MALFORMED, f"must be one per worker, {len(problem.workers)} (got {len(orders)})"
        )
    first_place: dict[int, str] = {}
    for worker, order in enumerate(orders):
        for position, visit in enumerate(order):
            here = f"orders[{worker}][{position}]"
            if not 0 <= visit < len(problem.visits):
                yield Violation(
                    here,
                    ViolationCode.UNKNOWN_REFERENCE,
                    f"must be an index into the {len(problem.visits)} visits (got {visit})",
                )
            elif visit in first_place:
                yield Violation(here, ViolationCode.DUPLICATE, f"visit {visit} is already at {first_place[visit]}")
            first_place.setdefault(visit, here)
