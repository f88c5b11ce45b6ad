"""Decides which engine works on a problem and for how long, and runs it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from optimizer.errors import SolverFailedError
from optimizer.insertion.insertion import Orders, insert_what_pays
from optimizer.insertion.repair import keep_what_fits
from optimizer.options import Engine, SolveOptions
from optimizer.priorities import FIELD, with_prizes
from optimizer.problem import Problem
from optimizer.problem_arrays import ProblemArrays
from optimizer.progress import Progress
from optimizer.routing_library.model import build_routing_model
from optimizer.routing_library.search import search_routes
from optimizer.search.options import SearchOptions
from optimizer.search.search import search
from optimizer.search_statement import SearchStatement, state_for_search
from optimizer.thorough.search import search_thoroughly

MOST_VISITS_IMPROVED: Final = 50
"""Up to here OR-Tools may still find something where the fast search does not know every rule exactly."""
MOST_VISITS_IMPROVED_WITH_DELIVERIES: Final = 100
SEARCH_SHARE: Final = 0.85
"""Share of the time that the search gets where OR-Tools has a turn after it."""
FAST_SHARE: Final = 0.4
"""Share of the searching, in time or in work, that is the fast search's where it does not know every rule."""
FAST_SHARE_WITH_DELIVERIES: Final = 0.05
"""The same where its routes are of little use."""
WORK_OF_A_THOROUGH_ITERATION: Final = 20
"""In iterations of the fast search."""
TINY_PROBLEM_VISITS: Final = 20
ENOUGH_ITERATIONS_PER_VISIT: Final = 2_000
"""A tiny problem is searched through long before its time is over; nobody should wait for the rest."""
ENOUGH_BRANCHES_PER_VISIT: Final = 1_000


@dataclass(frozen=True)
class Found:
    """Routes, and who found them.

    Parameters
    ----------
    orders
        Per worker the visits in order.
    engine
        `Engine.SEARCH` or `Engine.ORTOOLS`.
    beyond_search
        Fields whose rules the fast search did not know.
    """

    orders: Orders
    engine: Engine
    beyond_search: tuple[str, ...] = ()


def run_engines(
    problem: Problem,
    arrays: ProblemArrays,
    options: SolveOptions,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> Found:
    """Search with the engine that is asked for.

    Parameters
    ----------
    problem, arrays
        A valid problem in both forms.
    options
        How long and how.
    progress
        Hears of what is found on the way. When it hears depends on the clock, so it does not decide the outcome.
    should_stop
        Asked often.

    Returns
    -------
    Found
        The best routes.
    """
    if options.engine is Engine.ORTOOLS:
        first = Found(insert_what_pays(problem, arrays, ((),) * len(problem.workers)), Engine.ORTOOLS)
        progress.report(first.orders, first.engine)
        return first if should_stop() else _improve_with_ortools(problem, arrays, options, progress, should_stop, first)
    prized = with_prizes(problem)
    statement = state_for_search(prized.problem, arrays)
    knows_every_rule = not statement.left_out
    most_visits = MOST_VISITS_IMPROVED_WITH_DELIVERIES if problem.deliveries else MOST_VISITS_IMPROVED
    may_improve = not statement.is_exact and len(problem.visits) <= most_visits
    has_second_turn = options.engine is Engine.HYBRID and may_improve
    # With a limit of work nothing but the whole time cuts a turn short, or the outcome would depend on the clock.
    share = SEARCH_SHARE if has_second_turn and options.work_limit is None else 1.0
    fast_options = options if knows_every_rule else _fast_part(problem, options)
    found = _search(statement, arrays, fast_options, progress, should_stop, share)
    if not knows_every_rule:
        found = _search_thoroughly(prized.problem, arrays, options, progress, should_stop, found, share)
    if not prized.is_proven:
        found = replace(found, beyond_search=(*found.beyond_search, FIELD))
    if not has_second_turn or should_stop():
        return found
    return _improve_with_ortools(problem, arrays, options, progress, should_stop, found)


def _search(
    statement: SearchStatement,
    arrays: ProblemArrays,
    options: SolveOptions,
    progress: Progress,
    should_stop: Callable[[], bool],
    share: float,
) -> Found:
    problem = statement.problem

    def usable(orders: Orders) -> Orders:
        return orders if statement.is_exact else keep_what_fits(arrays, orders)

    left_s = max(share * options.time_limit_s - progress.elapsed_s(), 1e-3)
    result = search(
        problem,
        SearchOptions(
            time_limit_s=left_s, work_limit=_work_limit(problem, options), seed=options.seed, threads=options.threads
        ),
        should_stop=should_stop,
        on_improvement=lambda orders: progress.report(usable(orders), Engine.SEARCH),
    )
    return Found(usable(result.orders), Engine.SEARCH, statement.left_out)


def _fast_part(problem: Problem, options: SolveOptions) -> SolveOptions:
    """Give the fast search its part of the work, or of the time, where the one with every rule goes on after it."""
    share = FAST_SHARE_WITH_DELIVERIES if problem.deliveries else FAST_SHARE
    if options.work_limit is None:
        return replace(options, time_limit_s=share * options.time_limit_s)
    return replace(options, work_limit=math.ceil(share * options.work_limit))


def _search_thoroughly(
    problem: Problem,
    arrays: ProblemArrays,
    options: SolveOptions,
    progress: Progress,
    should_stop: Callable[[], bool],
    start: Found,
    share: float,
) -> Found:
    """Improve what was found without all rules, or what insertion alone makes with them."""
    begins = [insert_what_pays(problem, arrays, orders) for orders in (start.orders, ((),) * len(problem.workers))]
    begin_s, end_s = progress.elapsed_s(), share * options.time_limit_s
    work_limit = _work_limit(problem, options)
    most = math.inf if work_limit is None else max(1, work_limit // WORK_OF_A_THOROUGH_ITERATION)

    def time_share() -> float:
        now_s = progress.elapsed_s()
        return 1.0 if should_stop() or now_s >= end_s else (now_s - begin_s) / (end_s - begin_s)

    best = search_thoroughly(
        problem,
        arrays,
        min(begins, key=progress.rank),
        seed=options.seed,
        most_iterations=most,
        time_share=time_share,
        on_better=lambda orders: progress.report(orders, start.engine),
    )
    return replace(start, orders=best)


def _work_limit(problem: Problem, options: SolveOptions) -> int | None:
    if options.work_limit is None and len(problem.visits) <= TINY_PROBLEM_VISITS:
        return max(1, len(problem.visits)) * ENOUGH_ITERATIONS_PER_VISIT
    return options.work_limit


def _improve_with_ortools(
    problem: Problem,
    arrays: ProblemArrays,
    options: SolveOptions,
    progress: Progress,
    should_stop: Callable[[], bool],
    start: Found,
) -> Found:
    # The visits that nobody may serve stay out of the model.
    possible = [visit for visit in range(len(problem.visits)) if arrays.may_serve[:, visit].any()]
    left_s = options.time_limit_s - progress.elapsed_s()
    if not possible or left_s <= 0:
        return start
    is_alone = options.engine is Engine.ORTOOLS
    has_both_loads = bool(problem.deliveries) and any(visit.load for visit in problem.visits)
    knows_all = not has_both_loads and all(
        worker.driving_rest is None and worker.reload is None for worker in problem.workers
    )

    def usable(orders: Orders) -> Orders:
        return orders if knows_all else insert_what_pays(problem, arrays, keep_what_fits(arrays, orders))

    work_limit = options.work_limit
    if work_limit is None and not is_alone and len(problem.visits) <= TINY_PROBLEM_VISITS:
        work_limit = len(problem.visits) * ENOUGH_BRANCHES_PER_VISIT
    try:
        orders = search_routes(
            build_routing_model(with_prizes(problem).problem, arrays, possible, options.seed),
            start_from=start.orders,
            time_limit_s=options.time_limit_s - progress.elapsed_s(),
            work_limit=work_limit,
            should_stop=should_stop,
            on_orders=lambda orders: progress.report(usable(orders), Engine.ORTOOLS),
        )
        orders = usable(orders)
    except SolverFailedError:
        # It refuses the routes that the search found. Asked route by route later, it says which; until then the
        # independent checker is the judge.
        if is_alone:
            raise
        return start
    is_better = progress.rank(orders) < progress.rank(start.orders)
    return replace(start, orders=orders, engine=Engine.ORTOOLS) if is_better else start
