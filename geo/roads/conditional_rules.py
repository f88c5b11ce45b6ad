"""Decides what a way is while some of its conditions hold: one row for each set of conditions that changes something.

A way's meaning under a set of conditions is that of its tags with the values which then hold, read by the same rules.
Of the rows whose conditions all hold, the last one counts, and rows of more conditions come later: so the row of
exactly the conditions that hold is taken where there is one. A set that the rows before it describe already needs none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from geo.roads.conditional_tags import CONDITIONAL_SUFFIX, Clause, conditional_clauses, tags_under
from geo.roads.conditions import APPLIED_KINDS, ConditionKind, condition_kind
from geo.roads.osm_roads import Tags
from geo.roads.profiles import Profile
from geo.roads.way_rules import WayRule, is_understood, way_keys, way_rule

MOST_CONDITIONS = 4
"""Conditions of one way or barrier that count together; each one more would double the number of their sets."""


class ConditionalRule(NamedTuple):
    """What one direction of a way is while conditions hold.

    Parameters
    ----------
    direction
        0 forward, 1 backward.
    conditions
        OSM's conditions that must hold, ascending.
    flags, speed_kmh
        What replaces the way's own.
    """

    direction: int
    conditions: tuple[str, ...]
    flags: int
    speed_kmh: float


def conditional_rules(
    tags: Tags, rule: WayRule, profile: Profile
) -> tuple[tuple[ConditionalRule, ...], Counter[ConditionKind]]:
    """Read the conditional tags of a way.

    Parameters
    ----------
    tags
        Tags of the way.
    rule
        What it is while no condition holds.
    profile
        Who reads them.

    Returns
    -------
    tuple[tuple[ConditionalRule, ...], Counter[ConditionKind]]
        The rows by direction, the number of their conditions and the conditions; and how many conditions of each kind
        the tags hold, of which only those of time have rows.
    """
    clauses, kinds = applicable_clauses(tags, way_keys(profile), profile)
    kept = first_conditions(clauses, kinds)
    rows: tuple[list[ConditionalRule], list[ConditionalRule]] = ([], [])
    for size in range(1, len(kept) + 1):
        for holding in combinations(kept, size):
            changed = way_rule(tags_under(tags, clauses, holding), profile)
            if changed is not None:
                for direction, (before, after) in enumerate(zip(_directions(rule), _directions(changed), strict=True)):
                    if after != _known(rows[direction], holding, before):
                        rows[direction].append(ConditionalRule(direction, holding, *after))
    return (*rows[0], *rows[1]), kinds


def applicable_clauses(
    tags: Tags, keys: frozenset[str], profile: Profile
) -> tuple[dict[str, list[Clause]], Counter[ConditionKind]]:
    """Read the clauses of conditional tags that can be applied.

    Parameters
    ----------
    tags
        Tags of a way or node.
    keys
        Keys that are read from it.
    profile
        Who reads them.

    Returns
    -------
    tuple[dict[str, list[Clause]], Counter[ConditionKind]]
        Clauses by their key without the suffix, and how many conditions of each kind there are.
    """
    kinds: Counter[ConditionKind] = Counter()
    applicable: dict[str, list[Clause]] = {}
    for key in sorted(tags):
        plain_key = key.removesuffix(CONDITIONAL_SUFFIX)
        if plain_key != key and plain_key in keys:
            for value, condition in conditional_clauses(tags[key]):
                is_read = is_understood(plain_key, value, profile)
                kind = condition_kind(condition) if is_read else ConditionKind.UNREADABLE
                kinds[kind] += 1
                if kind in APPLIED_KINDS:
                    applicable.setdefault(plain_key, []).append((value, condition))
    return applicable, kinds


def first_conditions(clauses: Mapping[str, Sequence[Clause]], kinds: Counter[ConditionKind]) -> list[str]:
    """Take the conditions that count together.

    Parameters
    ----------
    clauses
        Clauses by key.
    kinds
        Counts the others, too: they are surplus.

    Returns
    -------
    list[str]
        The first `MOST_CONDITIONS`, ascending.
    """
    conditions = list(dict.fromkeys(condition for of_key in clauses.values() for _, condition in of_key))
    if len(conditions) > MOST_CONDITIONS:
        kinds[ConditionKind.SURPLUS] += len(conditions) - MOST_CONDITIONS
    return sorted(conditions[:MOST_CONDITIONS])


def _directions(rule: WayRule) -> tuple[tuple[int, float], tuple[int, float]]:
    return (rule.forward_flags, rule.forward_kmh), (rule.backward_flags, rule.backward_kmh)


def _known(rows: list[ConditionalRule], holding: tuple[str, ...], base: tuple[int, float]) -> tuple[int, float]:
    """Return what the rows so far say while these conditions hold."""
    for row in reversed(rows):
        if set(row.conditions) <= set(holding):
            return row.flags, row.speed_kmh
    return base


def condition_text(conditions: tuple[str, ...]) -> str:
    """One condition that holds while all of them do.

    Parameters
    ----------
    conditions
        At least one condition.

    Returns
    -------
    str
        In OSM's own words, for example ``(Sa) AND (22:00-06:00)``.
    """
    return conditions[0] if len(conditions) == 1 else " AND ".join(f"({condition})" for condition in conditions)
