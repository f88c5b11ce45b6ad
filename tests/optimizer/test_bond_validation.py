"""Rules that bind visits to each other and contradict themselves: every one is named, with its field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.bond_validation import bond_violations
from optimizer.problem import Delivery, Precedence, Problem, Visit, VisitSequence
from tests.optimizer.small_problems import day_worker, line_problem

ANN = day_worker(shift_end_s=100)
SHIFTS = (ANN, replace(ANN, id="ann 2", shift_start_s=200, shift_end_s=300, shift_of=0), day_worker(id="bo"))
PROBLEM = line_problem([day_worker()], [Visit(name, 1, 0) for name in "abcdef"])


def fields(problem: Problem, **changes: Any) -> list[str]:
    """Return the field of every violation of a problem with changes."""
    return [one.field for one in bond_violations(replace(problem, **changes))]


def ordered(*visits: int) -> VisitSequence:
    """Return visits that keep an order."""
    return VisitSequence(visits)


def direct(*visits: int) -> VisitSequence:
    """Return visits that follow each other directly."""
    return VisitSequence(visits, is_direct=True)


def groups(*members: set[int]) -> tuple[frozenset[int], ...]:
    """Return groups of visits."""
    return tuple(frozenset(some) for some in members)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sequences": (ordered(0, 1, 2), ordered(0, 3, 2))}, []),
        ({"sequences": (ordered(0, 1), ordered(1, 0))}, ["sequences[1].visits"]),
        ({"sequences": (ordered(0, 1), ordered(1, 2), ordered(2, 0))}, ["sequences[2].visits"]),
        ({"sequences": (ordered(2, 0), ordered(0, 1, 2))}, ["sequences[1].visits"]),
        ({"precedences": (Precedence(0, 0),)}, ["precedences[0]"]),
        ({"precedences": (Precedence(0, 1), Precedence(1, 2), Precedence(2, 0))}, ["precedences[2]"]),
        ({"precedences": (Precedence(0, 1), Precedence(0, 1))}, []),
        ({"sequences": (ordered(0, 1),), "precedences": (Precedence(1, 0),)}, ["precedences[0]"]),
        ({"deliveries": (Delivery(0, 1),), "sequences": (ordered(1, 0),)}, ["sequences[0].visits"]),
        ({"deliveries": (Delivery(0, 1),), "precedences": (Precedence(1, 0),)}, ["precedences[0]"]),
    ],
)
def test_no_visit_comes_before_itself(changes: dict[str, Any], named: list[str]) -> None:
    """What is said of the order leads in no circle; the rule that closes one is named, deliveries being said first."""
    assert fields(PROBLEM, **changes) == named


@pytest.mark.parametrize(
    ("sequences", "named"),
    [
        ((direct(0, 1), direct(1, 2)), []),
        ((direct(0, 1), direct(0, 1, 2)), []),
        ((direct(0, 1), direct(0, 2)), ["sequences[1].visits"]),
        ((direct(1, 0), direct(2, 0)), ["sequences[1].visits"]),
        ((direct(0, 1), ordered(0, 2)), []),
    ],
)
def test_a_visit_has_one_neighbour_on_each_side(sequences: tuple[VisitSequence, ...], named: list[str]) -> None:
    """Direct sequences give no visit two that directly follow it, or two that come directly before it."""
    assert fields(PROBLEM, sequences=sequences) == named


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"separate_groups": groups({0, 1}), "same_worker_groups": groups({1, 2})}, []),
        ({"separate_groups": groups({0, 1}), "same_worker_groups": groups({0, 1, 2})}, ["separate_groups[0]"]),
        ({"separate_groups": groups({0, 2}), "same_worker_groups": groups({0, 1}, {1, 2})}, ["separate_groups[0]"]),
        ({"separate_groups": groups({3, 4}, {0, 2}), "sequences": (ordered(2, 1, 0),)}, ["separate_groups[1]"]),
        ({"separate_groups": groups({0, 1}), "deliveries": (Delivery(0, 1),)}, ["separate_groups[0]"]),
        ({"different_worker_groups": groups({0, 1}), "sequences": (ordered(0, 1),)}, ["different_worker_groups[0]"]),
        (
            {
                "different_worker_groups": groups({0, 3}),
                "deliveries": (Delivery(0, 1),),
                "same_worker_groups": groups({1, 2}, {2, 3}),
            },
            ["different_worker_groups[0]"],
        ),
    ],
)
def test_nothing_is_together_and_apart(changes: dict[str, Any], named: list[str]) -> None:
    """Visits that are held together, also through others, are not to be apart as well."""
    assert fields(PROBLEM, **changes) == named


def test_one_person_may_have_two_routes() -> None:
    """With one worker and not on one route is possible in two shifts; with one worker and with two is not."""
    problem = replace(PROBLEM, workers=SHIFTS, same_worker_groups=groups({0, 1}))
    assert fields(problem, separate_groups=groups({0, 1})) == []
    assert fields(problem, different_worker_groups=groups({0, 1})) == ["different_worker_groups[0]"]


def test_contradictions_are_named_beside_all_else() -> None:
    """A group of one, an unknown visit and a circle come in one answer."""
    changes: dict[str, Any] = {"sequences": (ordered(0, 9), ordered(1, 0, 1)), "separate_groups": groups({0})}
    named = ["separate_groups[0]", "sequences[0].visits", "sequences[1].visits", "sequences[1].visits"]
    assert fields(PROBLEM, **changes) == named


def test_long_chains_and_wide_ones_are_looked_through_once() -> None:
    """Ten thousand precedences in a row, and layers with more ways through than anyone could count, have no circle."""
    row = tuple(Precedence(number, number + 1) for number in range(10_000))
    assert fields(PROBLEM, precedences=row) == [f"precedences[{number}].{end}" for number, end in _unknown(row)]
    layers = [
        Precedence(2 * layer + one, 2 * layer + 2 + other) for layer in range(60) for one in (0, 1) for other in (0, 1)
    ]
    circle = replace(line_problem([ANN], [Visit(f"v{number}", 1, 0) for number in range(122)]), precedences=(*layers,))
    assert fields(circle) == []
    assert fields(circle, precedences=(*layers, Precedence(121, 0))) == [f"precedences[{len(layers)}]"]


def _unknown(precedences: tuple[Precedence, ...]) -> list[tuple[int, str]]:
    """Return where a visit is named that the problem does not have."""
    return [
        (number, end)
        for number, one in enumerate(precedences)
        for end in ("before", "after")
        if getattr(one, end) >= len(PROBLEM.visits)
    ]
