"""Lists what is wrong with the rules that bind visits to each other, and where they contradict each other.

Rules contradict each other where the visits that they bind cannot all be planned, whatever the times and the ways:
where a visit would come before itself, where two follow the same one directly, and where two must be both together and
apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from optimizer.errors import Violation, ViolationCode
from optimizer.field_rules import MAX_LOAD, MAX_TIME_S, in_range, index_violations
from optimizer.problem import Problem


def bond_violations(problem: Problem) -> Iterator[Violation]:
    """Yield every broken rule of groups, sequences, deliveries and precedences.

    Parameters
    ----------
    problem
        The problem.

    Yields
    ------
    Violation
        Each with the path of its field.
    """
    yield from _group_violations(problem)
    yield from _sequence_violations(problem)
    yield from _delivery_violations(problem)
    yield from _precedence_violations(problem)
    yield from contradictions(problem)


def contradictions(problem: Problem) -> Iterator[Violation]:
    """Yield the rules that contradict each other.

    Parameters
    ----------
    problem
        A problem. Its matrices, times and places are not looked at.

    Yields
    ------
    Violation
        Each with the path of the rule that contradicts those before it.
    """
    yield from _order_contradictions(problem)
    yield from _neighbour_contradictions(problem)
    yield from _company_contradictions(problem)


def _group_violations(problem: Problem) -> Iterator[Violation]:
    for name in ("same_worker_groups", "different_worker_groups", "separate_groups"):
        for index, group in enumerate(getattr(problem, name)):
            path = f"{name}[{index}]"
            if len(group) < 2:  # noqa: PLR2004 - a group is of more than one
                yield Violation(path, ViolationCode.REQUIRED, f"must hold at least 2 visits (got {len(group)})")
            for visit in sorted(group):
                yield from index_violations(path, visit, "visits", len(problem.visits))


def _sequence_violations(problem: Problem) -> Iterator[Violation]:
    for index, sequence in enumerate(problem.sequences):
        path = f"sequences[{index}].visits"
        if len(set(sequence.visits)) < 2:  # noqa: PLR2004 - see above
            yield Violation(path, ViolationCode.REQUIRED, "must hold at least 2 visits")
        elif len(set(sequence.visits)) != len(sequence.visits):
            yield Violation(path, ViolationCode.DUPLICATE, "must hold each visit once")
        for visit in sequence.visits:
            yield from index_violations(path, visit, "visits", len(problem.visits))


def _delivery_violations(problem: Problem) -> Iterator[Violation]:
    used: dict[int, str] = {}
    for index, one in enumerate(problem.deliveries):
        path = f"deliveries[{index}]"
        yield from in_range(f"{path}.load", one.load, 0, MAX_LOAD)
        known = [visit for visit in (one.pickup, one.delivery) if 0 <= visit < len(problem.visits)]
        for name, visit in (("pickup", one.pickup), ("delivery", one.delivery)):
            yield from index_violations(f"{path}.{name}", visit, "visits", len(problem.visits))
            if visit in used:
                yield Violation(
                    f"{path}.{name}", ViolationCode.DUPLICATE, f"visit {visit} already belongs to {used[visit]}"
                )
            used.setdefault(visit, f"{path}.{name}")
        mandatory = [problem.visits[visit].unserved_cost is None for visit in known]
        if len(set(mandatory)) > 1:
            yield Violation(
                path, ViolationCode.CONTRADICTION, "must be of two mandatory visits, or of two that may be left out"
            )
        elif any(mandatory):
            continue  # both come before all priorities
        elif len({min(problem.visits[visit].priority, problem.lowest_strict_priority + 1) for visit in known}) > 1:
            yield Violation(
                path, ViolationCode.CONTRADICTION, "must be of two visits of one priority where priorities are strict"
            )


def _precedence_violations(problem: Problem) -> Iterator[Violation]:
    for index, one in enumerate(problem.precedences):
        path = f"precedences[{index}]"
        yield from index_violations(f"{path}.before", one.before, "visits", len(problem.visits))
        yield from index_violations(f"{path}.after", one.after, "visits", len(problem.visits))
        yield from in_range(f"{path}.min_gap_s", one.min_gap_s, 0, MAX_TIME_S)
        if one.before == one.after:
            yield Violation(path, ViolationCode.CONTRADICTION, f"visit {one.after} would wait for itself")


def _order_contradictions(problem: Problem) -> Iterator[Violation]:
    """Follow everything that says which visit comes first, deliveries before sequences, and name what closes a circle.

    A walk in depth takes every step once; a step back to where the walk is still going on closes a circle.
    """
    said = [
        *((f"deliveries[{index}]", (one.pickup, one.delivery)) for index, one in enumerate(problem.deliveries)),
        *((f"sequences[{index}].visits", one.visits) for index, one in enumerate(problem.sequences)),
        *((f"precedences[{index}]", (one.before, one.after)) for index, one in enumerate(problem.precedences)),
    ]
    steps: dict[int, list[tuple[int, str]]] = {}
    for path, visits in said:
        for before, after in pairwise(visits):
            if before != after:
                steps.setdefault(before, []).append((after, path))
    is_over: dict[int, bool] = {}
    for first, ways in steps.items():
        if first in is_over:
            continue
        is_over[first] = False
        walk = [(first, iter(ways))]
        while walk:
            before, further = walk[-1]
            step = next(further, None)
            if step is None:
                is_over[before] = True
                walk.pop()
                continue
            after, path = step
            if after not in is_over:
                is_over[after] = False
                walk.append((after, iter(steps.get(after, ()))))
            elif not is_over[after]:
                description = f"visit {before} would come before visit {after}, which comes before it by other rules"
                yield Violation(path, ViolationCode.CONTRADICTION, description)


def _neighbour_contradictions(problem: Problem) -> Iterator[Violation]:
    """Name direct sequences by which two visits would directly follow the same one, or come directly before it."""
    pairs = [
        (f"sequences[{index}].visits", pair)
        for index, one in enumerate(problem.sequences)
        if one.is_direct
        for pair in dict.fromkeys(pairwise(one.visits))
    ]
    for end, words in ((0, "directly before"), (1, "directly after")):
        neighbour: dict[int, int] = {}
        for path, pair in pairs:
            visit, other = pair[end], pair[1 - end]
            if neighbour.setdefault(visit, other) != other:
                yield Violation(
                    path,
                    ViolationCode.CONTRADICTION,
                    f"visit {visit} cannot be {words} both visit {neighbour[visit]} and {other}",
                )


def _company_contradictions(problem: Problem) -> Iterator[Violation]:
    """Name groups of visits that must be apart, while other rules hold two of them together."""
    on_one_route = [
        *(one.visits for one in problem.sequences),
        *((one.pickup, one.delivery) for one in problem.deliveries),
    ]
    with_one_person = _Together([*on_one_route, *problem.same_worker_groups])
    for index, group in enumerate(problem.different_worker_groups):
        yield from with_one_person.clashes(f"different_worker_groups[{index}]", group, "with one worker")
    # Two shifts of one person are two routes.
    has_one_shift = all(worker.shift_of is None for worker in problem.workers)
    together = with_one_person if has_one_shift else _Together(on_one_route)
    for index, group in enumerate(problem.separate_groups):
        yield from together.clashes(f"separate_groups[{index}]", group, "on one route")


class _Together:
    """Which visits are held together, also through others.

    Parameters
    ----------
    groups
        Of visits, as indices.
    """

    def __init__(self, groups: Iterable[Iterable[int]]) -> None:
        self._head: dict[int, int] = {}
        for group in groups:
            for one, other in pairwise(sorted(group)):
                self._head[self._find(one)] = self._find(other)

    def clashes(self, path: str, group: Iterable[int], where: str) -> Iterator[Violation]:
        """Name the first two visits of a group that are held together."""
        visits = sorted(group)
        heads = Counter(self._find(visit) for visit in visits)
        held = [visit for visit in visits if heads[self._find(visit)] > 1]
        clash = next((pair for pair in combinations(held, 2) if self._find(pair[0]) == self._find(pair[1])), None)
        if clash is not None:
            yield Violation(
                path,
                ViolationCode.CONTRADICTION,
                f"visits {clash[0]} and {clash[1]} must be {where} by other rules, and apart by this",
            )

    def _find(self, visit: int) -> int:
        while (head := self._head.get(visit, visit)) != visit:
            # Every second one on the way is led on, so that ways stay short.
            self._head[visit] = self._head.get(head, head)
            visit = head
        return visit
