"""The cost that no plan can undercut."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from optimizer.lower_bound import lower_bound
from optimizer.problem import Problem, Visit
from optimizer.problem_arrays import arrays_of_problem
from tests.naive_planning import naive_best_plan
from tests.optimizer.small_problems import day_worker, line_problem, minutes, random_problems


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(max_workers=2, max_visits=3, rich=True))
def test_no_plan_costs_less_than_the_bound(problem: Problem) -> None:
    """The best of all plans that serve every mandatory visit costs at least the bound."""
    (missing, *_), best = naive_best_plan(problem)
    bound = lower_bound(problem, arrays_of_problem(problem))
    assert missing > 0 or (bound is not None and bound <= best)


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
