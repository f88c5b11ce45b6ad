"""Rules about who serves whom, what it costs, and which visits lie on one route: each drawn where it binds.

The map is a line: a minute and a kilometre between neighbouring places, the worker at home at 0::

    0   1   2   3   4   5   6   7   8   9
    home    a       b                   c
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.options import Engine, SolveOptions
from optimizer.plan import Plan, UnplannedReason
from optimizer.problem import Problem, SkillDuration, SoftLimits, TimeWindow, Visit, VisitSequence, Worker
from optimizer.routes.cost_breakdown import break_down_cost
from optimizer.solve import solve
from tests.optimizer.small_problems import day_worker, line_problem, minutes

A, B, C = Visit("a", 2, minutes(10)), Visit("b", 4, minutes(10)), Visit("c", 9, minutes(10))
OTHER = day_worker(id="bo", fixed_cost=1_000)
ONCE = replace(OTHER, max_visits=1)
GAS = frozenset({"gas"})

engines = pytest.mark.parametrize("engine", Engine)


def solved(problem: Problem, engine: Engine = Engine.HYBRID) -> Plan:
    """Solve with little work."""
    return solve(problem, SolveOptions(time_limit_s=600, work_limit=500, engine=engine))


def served(problem: Problem, engine: Engine) -> list[list[str]]:
    """Return the ids of the visits on each route, in order."""
    return [[problem.visits[stop.visit].id for stop in route.stops] for route in solved(problem, engine).routes]


@engines
def test_only_allowed_workers_serve_a_visit(engine: Engine) -> None:
    """The dearer worker goes out for the one visit that the other may not serve."""
    problem = line_problem([day_worker(), ONCE], [A, replace(B, allowed_workers=frozenset({1})), C])
    assert [sorted(route) for route in served(problem, engine)] == [["a", "c"], ["b"]]


@engines
def test_a_zone_is_served_by_its_workers(engine: Engine) -> None:
    """A worker with zones serves those and visits without a zone; a worker without serves all."""
    worker = day_worker(zones=frozenset({"north"}))
    problem = line_problem([worker, ONCE], [replace(A, zone="north"), replace(B, zone="south"), C])
    assert [sorted(route) for route in served(problem, engine)] == [["a", "c"], ["b"]]


@pytest.mark.parametrize(("price", "first"), [(1_087, ["a", "b", "c"]), (1_089, ["a", "c"])])
def test_a_preference_is_kept_up_to_its_price(price: int, first: list[str]) -> None:
    """Sending the preferred worker costs 1,000, 18 minutes and 80 units of way, and saves 10 minutes: 1,088 in all."""
    liked = replace(B, preferred_workers=frozenset({1}), not_preferred_cost=price)
    problem = line_problem([day_worker(), ONCE], [A, liked, C])
    assert sorted(served(problem, Engine.HYBRID)[0]) == first


@engines
def test_visits_of_a_group_go_to_one_worker(engine: Engine) -> None:
    """Only the other worker may serve c, so a goes along though it lies near the first one."""
    visits = [A, B, replace(C, allowed_workers=frozenset({1}))]
    problem = replace(line_problem([day_worker(), OTHER], visits), same_worker_groups=(frozenset({0, 2}),))
    routes = served(problem, engine)
    assert {"a", "c"} <= set(routes[1])


@engines
def test_separate_visits_lie_on_different_routes(engine: Engine) -> None:
    """Two visits that must not be on one route take both workers out."""
    problem = replace(line_problem([day_worker(), OTHER], [A, B]), separate_groups=(frozenset({0, 1}),))
    assert sorted(len(route) for route in served(problem, engine)) == [1, 1]
    alone = replace(line_problem([day_worker()], [A, B]), separate_groups=(frozenset({0, 1}),))
    (left_out,) = solved(alone, engine).unplanned
    assert left_out.reason is UnplannedReason.DISPLACED


@engines
@pytest.mark.parametrize(
    ("sequences", "order"),
    [
        ((VisitSequence((2, 0)),), "c before a"),
        ((VisitSequence((2, 1, 0)),), "c before b before a"),
        ((VisitSequence((0, 2), is_direct=True),), "c directly after a"),
        ((VisitSequence((1, 0)), VisitSequence((0, 2), is_direct=True)), "b, a, c"),
    ],
)
def test_sequences_are_kept(engine: Engine, sequences: tuple[VisitSequence, ...], order: str) -> None:
    """Visits keep the order of their sequences, and where it is direct nothing comes in between."""
    # A one-way fee: with an open end the natural order would be a, b, c.
    problem = replace(line_problem([day_worker(end_location=None)], [A, B, C]), sequences=sequences)
    ((first, second, third),) = served(problem, engine)
    found = [first, second, third]
    for sequence in sequences:
        ids = [problem.visits[visit].id for visit in sequence.visits]
        assert [one for one in found if one in ids] == ids, order
        if sequence.is_direct:
            assert found.index(ids[1]) == found.index(ids[0]) + 1


@pytest.mark.parametrize(
    ("worker", "parts"),
    [
        # The tour takes 18 minutes on the road, 30 at customers, and 18 kilometres.
        ({}, {}),
        ({"travel_percent": 150}, {"cost_per_hour": 57}),
        ({"service_percent": 50}, {"cost_per_hour": 33}),
        ({"soft_limits": SoftLimits(max_visits=1, cost_per_extra_visit=7)}, {"soft_limits.cost_per_extra_visit": 14}),
        (
            {"soft_limits": SoftLimits(max_distance_m=16_500, cost_per_extra_km=10)},
            {"soft_limits.cost_per_extra_km": 15},
        ),
        (
            {"soft_limits": SoftLimits(max_duration_s=minutes(40), cost_per_extra_hour=600)},
            {"soft_limits.cost_per_extra_hour": 80},
        ),
        (
            {"soft_limits": SoftLimits(max_travel_s=minutes(15), cost_per_extra_travel_hour=600)},
            {"soft_limits.cost_per_extra_travel_hour": 30},
        ),
        ({"regular_end_s": minutes(40), "overtime_cost_per_hour": 600}, {"overtime_cost_per_hour": 80}),
    ],
)
def test_each_price_is_that_computed_by_hand(worker: dict[str, object], parts: dict[str, int]) -> None:
    """One tour over all three visits costs what the fields say, to the unit, and the breakdown names the field."""
    problem = line_problem([day_worker(**worker)], [A, B, C])
    plan = solved(problem)
    expected = {"cost_per_hour": 48, "cost_per_km": 180} | parts
    assert break_down_cost(problem, plan) == {f"workers[0].{field}": cost for field, cost in expected.items()}
    assert plan.cost == sum(expected.values())


def test_overtime_is_weighed_against_waiting() -> None:
    """Where overtime is dearer than waiting, the route leaves early to end early; the shortest day would end later."""
    early_or_late = (TimeWindow(minutes(20), minutes(20)), TimeWindow(minutes(100), minutes(100)))
    visits = [replace(A, time_windows=early_or_late), replace(B, time_windows=(TimeWindow(0, minutes(200)),))]
    fair = line_problem([day_worker(regular_end_s=minutes(50), overtime_cost_per_hour=600)], visits)
    assert solved(fair).routes[0].end_s <= minutes(50)


@engines
def test_a_limit_of_time_on_the_road_binds(engine: Engine) -> None:
    """With 17 minutes on the road at most, the farthest visit, 18 minutes there and back, is not made."""
    visits = [replace(visit, unserved_cost=10_000) for visit in (A, B, C)]
    problem = line_problem([day_worker(max_travel_s=minutes(17))], visits)
    assert sorted(served(problem, engine)[0]) == ["a", "b"]


@engines
def test_someone_with_the_skill_is_quicker(engine: Engine) -> None:
    """A visit that takes an hour, or ten minutes with the skill, goes to who has it."""
    hard = replace(B, duration_s=minutes(60), skill_durations=(SkillDuration("gas", minutes(10)),))
    workers = [day_worker(), day_worker(id="bo", skills=GAS)]
    plan = solved(line_problem(workers, [hard]), engine)
    ((stop,),) = [route.stops for route in plan.routes if route.stops]
    assert plan.routes[1].stops == (stop,)
    assert stop.departure_s - stop.start_s == minutes(10)


@engines
def test_setup_is_needed_once_per_place(engine: Engine) -> None:
    """Two visits at one place, one after the other, need one setup: 8 minutes of way, 20 of service, 5 of setup."""
    visits = [replace(B, setup_s=minutes(5)), replace(B, id="b2", setup_s=minutes(5))]
    (route,) = solved(line_problem([day_worker()], visits), engine).routes
    assert route.end_s - route.start_s == minutes(33)
    assert route.stops[0].start_s - route.stops[0].arrival_s == minutes(5)
    assert route.stops[1].start_s == route.stops[0].departure_s


def test_a_plan_says_which_rules_the_search_does_not_know() -> None:
    """Rules beyond the search are named; those that it can be told in its own words are not."""
    known = line_problem([day_worker(travel_percent=120), OTHER], [replace(A, allowed_workers=frozenset({0})), B])
    assert solved(known).beyond_search == ()
    groups = replace(known, separate_groups=(frozenset({0, 1}),))
    assert solved(groups).beyond_search == ()
    brief = replace(groups, workers=(replace(groups.workers[0], max_travel_s=minutes(90)), OTHER))
    assert solved(brief).beyond_search == ("workers.max_travel_s",)
    # On ways that take as long as in the matrix, it knows the time on the road, and every soft limit.
    soft = SoftLimits(max_travel_s=minutes(5), cost_per_extra_travel_hour=60)
    plain = replace(groups, workers=(day_worker(max_travel_s=minutes(90), soft_limits=soft), OTHER))
    assert solved(plain).beyond_search == ()


def test_workers_who_differ_only_in_rare_rules_keep_their_own() -> None:
    """The one who is paid overtime stays within regular hours while the other goes on."""
    workers: list[Worker] = [
        day_worker(regular_end_s=minutes(20), overtime_cost_per_hour=60_000),
        day_worker(id="bo", regular_end_s=minutes(20), overtime_cost_per_hour=0),
    ]
    plan = solved(line_problem(workers, [A, B, C]))
    assert not plan.routes[0].stops or plan.routes[0].end_s <= minutes(20)


@pytest.mark.parametrize(("price", "areas"), [(0, [[], ["a", "b", "c"]]), (40, [["a", "b"], ["c"]])])
def test_areas_are_kept_compact_at_a_price(price: int, areas: list[list[str]]) -> None:
    """Bo's area lies at the far end, and Ann's near home: each kilometre from there costs, so both go out.

    Bo alone makes the tour for 48 minutes and 180 of way. Two make it for 28 + 80 and 28 + 180. Seen from their middles
    at 3 and at 9 the visits lie 1 + 1 + 0 kilometres away, and 7 + 5 + 0 from Bo's alone: ten kilometres more.
    """
    ann = day_worker(area_center=3, cost_per_km_from_center=price)
    bo = day_worker(id="bo", area_center=9, cost_per_km_from_center=price)
    problem = line_problem([replace(ann, fixed_cost=1), bo], [A, B, C])
    plan = solved(problem)
    assert [sorted(problem.visits[stop.visit].id for stop in route.stops) for route in plan.routes] == areas
    if price:
        parts = break_down_cost(problem, plan)
        assert parts["workers[0].cost_per_km_from_center"] == 2 * price
        assert "workers[1].cost_per_km_from_center" not in parts
