"""Decides how the import writes when something is so that several conditions of OSM decide together.

OSM says when a rule holds; an import must also say when none does: a bollard is shut unless a condition opens it, and
whoever must turn into a road need not while it is closed. What is to be written is a function of conditions, and comes
out as all its prime implicants (Quine 1952, "The problem of simplifying truth functions", doi 10.2307/2308219): each is
a condition such as ``(Sa) AND NOT (22:00-06:00)``, and one of them holds whenever the function is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, product

from geo.roads.conditions import NEGATION

_MOST_PARTS = 8
"""Parts of conditions that are told apart; each one more triples the work. Others never hold."""


def conditions_under_which(is_so: Callable[[frozenset[str]], bool], parts: Iterable[str]) -> list[str]:
    """Write when a function of conditions is true.

    Parameters
    ----------
    is_so
        Asked with the parts that hold, those that do not hold left out.
    parts
        Parts of conditions (`geo.roads.conditions.condition_parts`) that may change its answer.

    Returns
    -------
    list[str]
        Conditions, ascending, of which at least one holds exactly while the function is true; the empty one holds
        always. None where it is never true.
    """
    known = sorted(set(parts))[:_MOST_PARTS]
    true_for = {
        frozenset(zip(known, answers, strict=True))
        for answers in product((False, True), repeat=len(known))
        if is_so(frozenset(part for part, holds in zip(known, answers, strict=True) if holds))
    }
    primes: list[frozenset[tuple[str, bool]]] = []
    for size in range(len(known) + 1):
        for chosen in combinations(known, size):
            for answers in product((False, True), repeat=size):
                term = frozenset(zip(chosen, answers, strict=True))
                is_new = not any(prime <= term for prime in primes)
                if is_new and sum(term <= case for case in true_for) == 1 << (len(known) - size):
                    primes.append(term)
    return sorted(_text(term) for term in primes)


def _text(term: frozenset[tuple[str, bool]]) -> str:
    """Write a condition: first what must hold, then what must not."""
    holding = sorted(part for part, holds in term if holds)
    if len(holding) == len(term) == 1:
        return holding[0]
    lacking = sorted(part for part, holds in term if not holds)
    return " AND ".join([*(f"({part})" for part in holding), *(f"{NEGATION}({part})" for part in lacking)])
