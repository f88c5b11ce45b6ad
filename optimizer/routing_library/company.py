"""Decides how OR-Tools is told which visits lie on one route, and in which order."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

from optimizer.problem import Delivery
from optimizer.routing_library.statement import RoutingStatement


def add_company(statement: RoutingStatement) -> None:
    """State the groups and sequences of a problem; visits that are not in the model are left out of them.

    Parameters
    ----------
    statement
        The problem and its model.
    """
    problem = statement.problem
    groups = (*problem.same_worker_groups, *problem.different_worker_groups, *problem.separate_groups)
    if groups or problem.sequences or problem.deliveries:
        company = _Company(statement)
        for group in problem.same_worker_groups:
            company.keep_with_one_person(group)
        for different in problem.different_worker_groups:
            company.keep_with_different_people(different)
        for separate in problem.separate_groups:
            company.keep_apart(separate)
        for sequence in problem.sequences:
            company.keep_together(sequence.visits)
            company.keep_order(sequence.visits)
            if sequence.is_direct:
                company.keep_close(sequence.visits)
        for delivery in problem.deliveries:
            company.bring(delivery)


class _Company:
    """Adds constraints on pairs of visits; one that is left out is bound by none."""

    def __init__(self, statement: RoutingStatement) -> None:
        self._model = statement.model
        self._people = statement.arrays.people.tolist()
        self._has_one_shift = self._people == list(range(len(self._people)))
        self._solver = statement.model.solver()
        self._index_of = {
            int(visit): statement.manager.NodeToIndex(node) for node, visit in enumerate(statement.nodes.visits)
        }
        counter = self._model.RegisterUnaryTransitVector([1] * len(statement.nodes.locations))
        fix_start_to_zero = True
        self._model.AddDimension(counter, 0, len(statement.nodes.locations), fix_start_to_zero, "rank")
        self._rank = self._model.GetDimensionOrDie("rank")

    def keep_together(self, group: Any) -> None:  # noqa: ANN401 - any collection of visits
        """All on one route."""
        for one, other in combinations(sorted(self._known(group)), 2):
            is_apart = self._solver.IsDifferentVar(self._worker(one), self._worker(other))
            self._forbid(one, other, is_apart)

    def keep_with_one_person(self, group: Any) -> None:  # noqa: ANN401 - any collection of visits
        """All on routes of one person."""
        if self._has_one_shift:
            self.keep_together(group)
            return
        who = self._people_of(group)
        for one, other in combinations(sorted(who), 2):
            self._forbid(one, other, self._solver.IsDifferentVar(who[one], who[other]))

    def keep_with_different_people(self, group: frozenset[int]) -> None:
        """No two on routes of one person."""
        if self._has_one_shift:
            self.keep_apart(group)
            return
        who = self._people_of(group)
        for one, other in combinations(sorted(who), 2):
            self._forbid(one, other, self._solver.IsEqualVar(who[one], who[other]))

    def keep_apart(self, group: frozenset[int]) -> None:
        """No two on one route."""
        for one, other in combinations(sorted(self._known(group)), 2):
            self._forbid(one, other, self._is_together(one, other))

    def keep_order(self, visits: tuple[int, ...]) -> None:
        """Each after those before it."""
        for before, after in combinations(self._known(visits), 2):
            is_late = self._solver.IsGreaterVar(self._rank.CumulVar(before), self._rank.CumulVar(after))
            self._forbid(before, after, is_late * self._is_together(before, after))

    def keep_close(self, visits: tuple[int, ...]) -> None:
        """Each directly after the one before it."""
        for before, after in pairwise(visits):
            if before in self._index_of and after in self._index_of:
                one, other = self._index_of[before], self._index_of[after]
                is_elsewhere = self._solver.IsDifferentCstVar(self._model.NextVar(one), other)
                self._forbid(one, other, is_elsewhere)

    def bring(self, delivery: Delivery) -> None:
        """Both visits on one route, the pickup first, or neither."""
        known = self._known((delivery.pickup, delivery.delivery))
        if len(known) == 1:
            self._solver.Add(self._model.ActiveVar(known[0]) == 0)
        elif known:
            pickup, other = known
            self._model.AddPickupAndDelivery(pickup, other)
            self._solver.Add(self._worker(pickup) == self._worker(other))
            self._solver.Add(self._rank.CumulVar(pickup) <= self._rank.CumulVar(other))

    def _known(self, visits: Any) -> list[int]:  # noqa: ANN401 - any collection of visits
        return [self._index_of[visit] for visit in visits if visit in self._index_of]

    def _worker(self, index: int) -> Any:  # noqa: ANN401 - OR-Tools is untyped
        return self._model.VehicleVar(index)

    def _people_of(self, group: Any) -> dict[int, Any]:  # noqa: ANN401 - any collection of visits
        """Return for each visit the variable that says with whom it is; -1 where it is left out, as its worker is."""
        people = [-1, *self._people]
        return {index: self._solver.Element(people, self._worker(index) + 1).Var() for index in self._known(group)}

    def _is_together(self, one: int, other: int) -> Any:  # noqa: ANN401 - OR-Tools is untyped
        return self._solver.IsEqualVar(self._worker(one), self._worker(other))

    def _forbid(self, one: int, other: int, condition: Any) -> None:  # noqa: ANN401 - OR-Tools is untyped
        """Forbid a condition where both visits are planned."""
        both = self._model.ActiveVar(one) * self._model.ActiveVar(other)
        self._solver.Add(both * condition == 0)
