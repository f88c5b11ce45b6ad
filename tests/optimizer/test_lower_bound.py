"""The cost that no plan can undercut."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.lower_bound import lower_bound
from optimizer.options import Engine, SolveOptions
from optimizer.problem import Balance, BalanceMeasure, Precedence, Problem, Visit
from optimizer.problem_arrays import arrays_of_problem
from optimizer.solve import solve
from tests.naive_planning import naive_best_plan
from tests.optimizer.small_problems import day_worker, field_problems, line_problem, minutes, random_problems


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(max_workers=2, max_visits=3, rich=True))
def test_no_plan_costs_less_than_the_bound(problem: Problem) -> None:
    """The best of all plans that serve every mandatory visit costs at least the bound."""
    (missing, *_), best = naive_best_plan(problem)
    arrays = arrays_of_problem(problem)
    bound = lower_bound(problem, arrays)
    assert missing > 0 or (bound is not None and bound <= best)
    with patch("optimizer.lower_bound.MOST_VISITS", 0):
        simple = lower_bound(problem, arrays)
    assert missing > 0 or (bound is not None and simple is not None and simple <= bound)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field_problems(max_workers=2, max_visits=4), st.none() | st.sampled_from(BalanceMeasure))
def test_every_plan_has_a_bound(problem: Problem, measure: BalanceMeasure | None) -> None:
    """With precedences, a balance or visits that nobody can serve: the plan carries a bound of the whole problem."""
    asked = replace(problem, balance=None if measure is None else Balance(measure, 50))
    plan = solve(asked, SolveOptions(time_limit_s=5, work_limit=80, engine=Engine.SEARCH))
    missing = {one.visit for one in plan.unplanned if asked.visits[one.visit].unserved_cost is None}
    assert plan.lower_bound is not None
    assert plan.lower_bound <= plan.cost
    assert plan.lower_bound == lower_bound(asked, arrays_of_problem(asked), missing)


def test_waiting_for_others_does_not_raise_the_bound() -> None:
    """Where a visit waits for another the bound is that of the problem in which it does not."""
    visits = [Visit("a", 3, minutes(10)), Visit("b", 9, minutes(5))]
    free = line_problem([day_worker()], visits)
    waiting = replace(free, precedences=(Precedence(1, 0, minutes(60)),))
    plans = [solve(problem, SolveOptions(work_limit=50, engine=Engine.SEARCH)) for problem in (free, waiting)]
    assert plans[1].cost > plans[0].cost
    assert plans[1].lower_bound == plans[0].lower_bound == lower_bound(free, arrays_of_problem(free))


def test_the_bound_counts_each_way_and_service_once() -> None:
    """One visit costs the way there and back; two can be a round trip of their own, which is why the bound is low."""
    one = line_problem([day_worker()], [Visit("a", 3, minutes(10))])
    # 6 minutes and kilometres of way, 10 minutes of service; less the one unit that rounding may take.
    assert lower_bound(one, arrays_of_problem(one)) == 16 + 60 - 1
    two = line_problem([day_worker()], [Visit("a", 3, minutes(10)), Visit("b", 9, minutes(5))])
    # From a to b and back to a: 12 minutes and kilometres, where the tour has 18.
    assert lower_bound(two, arrays_of_problem(two)) == 27 + 120 - 1


def test_a_mandatory_visit_that_nobody_may_serve_has_no_bound() -> None:
    """What cannot be served has no price in any plan, so that no bound is stated."""
    problem = line_problem([day_worker()], [Visit("a", 3, 0, required_skills=frozenset({"gas"}))])
    assert lower_bound(problem, arrays_of_problem(problem)) is None
    assert lower_bound(problem, arrays_of_problem(problem), {0}) == 0
