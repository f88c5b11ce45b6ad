"""The main path: solve, from a problem to a checked plan."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.insertion.insertion import route_value
from optimizer.options import Engine, SolveOptions
from optimizer.plan import Confirmation, Plan
from optimizer.plan_check import check_plan
from optimizer.priorities import rank_of_plan
from optimizer.problem import Break, Problem, TimeWindow, TravelMatrix, Visit, Worker
from optimizer.problem_arrays import arrays_of_problem
from optimizer.progress import Improvement
from optimizer.routes.route_kernels import POSSIBLE
from optimizer.routing_library.statement import RoutingStatement
from optimizer.solve import solve
from tests.naive_planning import naive_best_plan
from tests.optimizer.small_problems import day_worker, line_matrix, line_problem, minutes, random_problems

QUICK = SolveOptions(time_limit_s=5, work_limit=500)
GOLDEN_FILE = Path(__file__).with_name("golden_plan.json")


def served_ids(problem: Problem, plan: Plan) -> list[list[str]]:
    """Return the ids of the visits on each route, in order."""
    return [[problem.visits[stop.visit].id for stop in route.stops] for route in plan.routes]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(rich=True))
def test_the_checker_accepts_every_plan(problem: Problem) -> None:
    """Whatever the problem, the plan keeps every rule."""
    assert check_plan(problem, solve(problem, QUICK)) == ()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_problems(max_workers=2, max_visits=3, rich=True))
def test_no_plan_is_better_than_the_naive_best(problem: Problem) -> None:
    """No plan beats the best of all plans there are, by mandatory visits, strict priorities and cost."""
    plan = solve(problem, QUICK)
    assert rank_of_plan(problem, plan) >= naive_best_plan(problem)


def random_clock_problem(seed: int, visits: int) -> Problem:
    """Return a dense random problem in the plane with windows, a break and two workers; times are small numbers."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 12, (visits + 1, 2))
    apart = np.abs(places[:, None] - places[None]).sum(axis=2)
    opens = rng.integers(0, 60, visits)
    unserved = rng.integers(10, 80, visits)
    return Problem(
        tuple(
            day_worker(id=f"w{number}", shift_end_s=100, breaks=(Break(40, 50, 10),), fixed_cost=20, cost_per_hour=3600)
            for number in range(2)
        ),
        tuple(
            Visit(f"v{number}", number + 1, 4, (TimeWindow(int(start_s), int(start_s) + 20),), unserved_cost=int(cost))
            for number, (start_s, cost) in enumerate(zip(opens, unserved, strict=True))
        ),
        (TravelMatrix(apart, apart * 100, np.ones(apart.shape, np.bool_)),),
    )


@pytest.mark.parametrize("seed", range(10))
def test_small_problems_are_solved_to_the_optimum(seed: int) -> None:
    """On six visits with windows, a break and unserved costs the plan is the best of all plans."""
    problem = random_clock_problem(seed, visits=6)
    arrays = arrays_of_problem(problem)

    def route_cost(worker: int, order: Sequence[int]) -> int | None:
        value = route_value(arrays, worker, order)
        return value.cost if value.verdict == POSSIBLE else None

    plan = solve(problem, SolveOptions(time_limit_s=600, work_limit=5000))
    assert plan.cost == naive_best_plan(problem, route_cost)[1]


AT_60 = (TimeWindow(minutes(60), minutes(60)),)
NEAR = Visit("near", 2, minutes(10), unserved_cost=100_000)
FAR = Visit("far", 9, minutes(10), unserved_cost=100_000)
GAS = frozenset({"gas"})


@pytest.mark.parametrize(
    ("worker", "visits", "served"),
    [
        (day_worker(), [NEAR, FAR], {"near", "far"}),
        (day_worker(shift_end_s=minutes(38)), [NEAR, FAR], {"near", "far"}),
        (day_worker(shift_end_s=minutes(38) - 1), [NEAR, FAR], {"near"}),
        (day_worker(max_duration_s=minutes(38) - 1), [NEAR, FAR], {"near"}),
        (day_worker(max_distance_m=18_000), [NEAR, FAR], {"near", "far"}),
        (day_worker(max_distance_m=17_999), [NEAR, FAR], {"near"}),
        (day_worker(max_visits=1), [NEAR, FAR], {"near"}),
        (day_worker(capacity=3), [NEAR, dataclasses.replace(FAR, load=4)], {"near"}),
        (day_worker(), [NEAR, dataclasses.replace(FAR, required_skills=GAS)], {"near"}),
        (
            day_worker(skills=frozenset({"gas"})),
            [dataclasses.replace(FAR, required_skills=frozenset({"gas"}))],
            {"far"},
        ),
        (
            day_worker(),
            [dataclasses.replace(NEAR, time_windows=AT_60), dataclasses.replace(FAR, time_windows=AT_60)],
            {"near"},
        ),
        (day_worker(fixed_cost=199_000), [NEAR, FAR], {"near", "far"}),
        (day_worker(fixed_cost=200_000), [NEAR, FAR], set()),
        (day_worker(end_location=9, max_distance_m=9000), [NEAR, FAR], {"near", "far"}),
        (day_worker(end_location=None, max_distance_m=9000), [NEAR, FAR], {"near", "far"}),
        (day_worker(start_location=None, max_distance_m=9000), [NEAR, FAR], {"near", "far"}),
        (day_worker(start_location=None, end_location=None, max_distance_m=7000), [NEAR, FAR], {"near", "far"}),
        (day_worker(start_location=None, end_location=None, max_distance_m=6999), [NEAR, FAR], {"near"}),
        (day_worker(start_location=19), [NEAR, FAR], set()),  # nothing leads away from 19
    ],
)
def test_each_rule_binds(worker: Worker, visits: list[Visit], served: set[str]) -> None:
    """Around the value at which a rule binds, the plan changes as computed by hand."""
    problem = line_problem([worker], visits, cut=[19])
    (ids,) = served_ids(problem, solve(problem, QUICK))
    assert set(ids) == served


def test_one_unreachable_pair_is_avoided() -> None:
    """Where only the way from one visit to the other is missing, the plan takes them the other way round."""
    matrix = line_matrix(range(4))
    matrix.reachable[2, 3] = False
    problem = Problem((day_worker(),), (Visit("a", 2, 0), Visit("b", 3, 0)), (matrix,))
    assert served_ids(problem, solve(problem, QUICK)) == [["b", "a"]]


def test_each_worker_travels_by_the_own_matrix() -> None:
    """The visit that only the cyclist can reach goes to the cyclist, at the cyclist's times."""
    car, bicycle = line_matrix(range(4), cut=[3]), line_matrix(range(4), seconds_per_place=180)
    workers = (day_worker(id="driver"), day_worker(id="cyclist", matrix=1))
    problem = Problem(workers, (Visit("a", 2, 0), Visit("b", 3, 0)), (car, bicycle))
    plan = solve(problem, QUICK)
    assert served_ids(problem, plan)[1][-1:] == ["b"] or served_ids(problem, plan)[1][:1] == ["b"]
    assert plan.routes[1].end_s - plan.routes[1].start_s == 6 * 180


def test_an_impossible_mandatory_visit_still_gives_a_plan() -> None:
    """One mandatory visit that nobody can make does not keep the others from being planned."""
    never = Visit("never", 3, 0, (TimeWindow(minutes(900), minutes(950)),))
    problem = line_problem([day_worker()], [never, NEAR, FAR])
    plan = solve(problem, QUICK)
    assert set(served_ids(problem, plan)[0]) == {"near", "far"}
    assert [one.visit for one in plan.unplanned] == [0]


def test_a_mandatory_visit_comes_before_any_price() -> None:
    """A mandatory visit displaces the dearest optional one."""
    dear = Visit("dear", 5, minutes(30), AT_60, unserved_cost=1_000_000_000)
    must = Visit("must", 6, minutes(30), AT_60)
    problem = line_problem([day_worker()], [dear, must])
    assert served_ids(problem, solve(problem, QUICK)) == [["must"]]


def test_no_visits_give_an_empty_plan() -> None:
    """A team without visits stays at home and costs nothing."""
    plan = solve(line_problem([day_worker(fixed_cost=7)], []), QUICK)
    assert (plan.cost, plan.unplanned, plan.routes[0].stops) == (0, (), ())


@pytest.mark.parametrize("engine", Engine)
def test_the_same_work_gives_the_same_plan(engine: Engine) -> None:
    """With a work limit, the plan depends on the problem, the engine and the seed alone."""
    problem = random_clock_problem(1, visits=30)
    options = SolveOptions(time_limit_s=600, seed=3, work_limit=3000, engine=engine)
    assert solve(problem, options) == solve(problem, options)


def test_threads_reach_the_search() -> None:
    """Two searches side by side give the same plan again, and look where one does not."""
    problem = random_clock_problem(1, visits=30)
    heard: list[list[Improvement]] = [[], [], []]
    plans = []
    for threads, improvements in zip((1, 2, 2), heard, strict=True):
        options = SolveOptions(600, work_limit=3000, engine=Engine.SEARCH, threads=threads)
        plans.append(solve(problem, options, on_improvement=improvements.append))
    # What is heard on the way depends on the clock where two plans cost the same; the plan does not.
    assert plans[1] == plans[2]
    alone, pair, _ = ([one.orders for one in improvements] for improvements in heard)
    assert pair != alone


@pytest.mark.parametrize("engine", Engine)
def test_the_engine_that_is_asked_for_finds_the_plan(engine: Engine) -> None:
    """A plan names who found it, and a hybrid one was confirmed by the second engine."""
    plan = solve(random_clock_problem(1, visits=12), SolveOptions(time_limit_s=600, work_limit=1000, engine=engine))
    assert plan.engine == (Engine.SEARCH if engine is Engine.HYBRID else engine).value
    assert (plan.confirmation is Confirmation.CONFIRMED) == (engine is Engine.HYBRID)


def test_a_refusal_of_the_second_engine_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OR-Tools holds a route to be impossible that the checker accepts, the plan says so and still comes."""
    monkeypatch.setattr("optimizer.routing_library.constraints._add_times", _close_at_once)
    plan = solve(random_clock_problem(1, visits=12), SolveOptions(time_limit_s=600, work_limit=100))
    assert plan.confirmation is Confirmation.REFUSED
    assert plan.engine == "search"


def _close_at_once(statement: RoutingStatement) -> None:
    """State to OR-Tools that every visit is closed."""
    for node in range(len(statement.nodes.visits)):
        statement.model.VehicleVar(statement.manager.NodeToIndex(node)).SetValue(-1)


def test_improvements_get_ever_better_until_the_plan() -> None:
    """Each improvement leaves out fewer mandatory visits or costs less, and the last one is the plan."""
    problem = random_clock_problem(2, visits=30)
    improvements: list[Improvement] = []
    plan = solve(problem, SolveOptions(work_limit=3000), on_improvement=improvements.append)
    ranks = [(one.left_out, one.cost) for one in improvements]
    assert len(ranks) > 1
    assert ranks == sorted(set(ranks), reverse=True)
    assert improvements[-1].cost == plan.cost
    assert improvements[-1].orders == tuple(tuple(stop.visit for stop in route.stops) for route in plan.routes)


def test_a_stop_ends_the_search_with_the_best_so_far() -> None:
    """After the stop nothing further is looked for, and the plan is complete and checked."""
    problem = random_clock_problem(3, visits=40)
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked >= 4

    plan = solve(problem, SolveOptions(time_limit_s=600), should_stop=should_stop)
    assert asked < 10
    assert check_plan(problem, plan) == ()


def test_a_stop_before_the_search_still_gives_a_plan() -> None:
    """Also when asked to stop at once, the answer holds whatever cheapest insertion could place."""
    problem = random_clock_problem(4, visits=20)
    plan = solve(problem, SolveOptions(time_limit_s=600), should_stop=lambda: True)
    assert any(route.stops for route in plan.routes)


def golden_problem() -> Problem:
    """Return the problem of the golden plan: every feature once."""
    twice = (TimeWindow(minutes(60), minutes(90)), TimeWindow(minutes(200), minutes(230)))
    lunch = Break(minutes(120), minutes(150), minutes(30))
    return line_problem(
        [
            day_worker(skills=GAS, breaks=(lunch,), max_visits=4),
            day_worker(
                id="bo", start_location=10, end_location=None, shift_start_s=minutes(30), fixed_cost=500, capacity=5
            ),
        ],
        [
            Visit("twice open", 3, minutes(20), twice),
            Visit("in the morning", 5, minutes(30), (TimeWindow(minutes(70), minutes(100)),), required_skills=GAS),
            Visit("heavy", 12, minutes(15), load=5, unserved_cost=2000),
            Visit("too heavy for bo", 13, minutes(15), load=6, required_skills=GAS, unserved_cost=2000),
            Visit("at noon", 8, minutes(40), (TimeWindow(minutes(140), minutes(150)),)),
            Visit("not worth it", 18, minutes(5), unserved_cost=10),
            Visit("nobody can", 2, minutes(5), required_skills=frozenset({"water"})),
            Visit("on the island", 19, minutes(5), unserved_cost=2000),
        ],
        cut=[19],
    )


def test_the_golden_plan() -> None:
    """The plan of the golden problem is, to the second, the one that was checked by hand and stored."""
    plan = solve(golden_problem(), SolveOptions(time_limit_s=600, work_limit=2000))
    assert json.loads(json.dumps(dataclasses.asdict(plan), default=lambda reason: reason.value)) == json.loads(
        GOLDEN_FILE.read_text(encoding="utf-8")
    )
