"""Decides how OSM's conditional values are read: ``value @ (condition); value @ (condition)``.

A conditional tag such as ``motor_vehicle:conditional=no @ (Mo-Fr 07:00-09:00)`` says which value the tag without
``:conditional`` has while the condition holds. So its meaning needs no rules of its own: the way is read once more
with that value (see `tags_under`). Of several clauses that hold, the last one counts. Conditions are kept as written;
`geo.roads.conditions` evaluates them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from geo.roads.osm_roads import Tags

CONDITIONAL_SUFFIX = ":conditional"

Clause = tuple[str, str]
"""A value and the condition under which it holds, as written and without outer parentheses."""

_PARENTHESIS_OR_SEMICOLON = re.compile(r"[();]")


def conditional_clauses(value: str) -> list[Clause]:
    """Split a conditional value into its clauses.

    Parameters
    ----------
    value
        For example ``no_left_turn @ (Mo-Fr 07:00-09:00; Sa 10:00-12:00)``.

    Returns
    -------
    list[Clause]
        Its clauses in order. A part that is none, for want of a value or a condition, has an empty condition, which
        cannot be read. What follows a semicolon without a value of its own belongs to the condition before, which
        should have had parentheses.
    """
    clauses: list[Clause] = []
    for part in _parts_outside_parentheses(value):
        said, at, condition = (text.strip() for text in part.partition("@"))
        is_bare = bool(clauses) and bool(clauses[-1][1]) and "(" not in clauses[-1][1]
        if not at and is_bare:
            clauses[-1] = (clauses[-1][0], f"{clauses[-1][1]}; {said}")
        else:
            clauses.append((said, condition if said and at else ""))
    return [(said, _without_parentheses(condition)) for said, condition in clauses]


def tags_under(tags: Tags, clauses: Mapping[str, Iterable[Clause]], holding: Collection[str]) -> dict[str, str]:
    """Tags of a way while some of its conditions hold and no other.

    Parameters
    ----------
    tags
        Tags of the way.
    clauses
        Clauses of some of its keys, the keys without ``:conditional``.
    holding
        The conditions that hold.

    Returns
    -------
    dict[str, str]
        The tags, with the last value of each key whose condition holds.
    """
    said = {key: value for key, values in clauses.items() for value, condition in values if condition in holding}
    return {**tags, **said}


def _parts_outside_parentheses(value: str) -> list[str]:
    """Split at the semicolons that stand in no parentheses; empty parts are left out."""
    parts, start, depth = [], 0, 0
    for found in _PARENTHESIS_OR_SEMICOLON.finditer(value):
        if found[0] == ";":
            if depth == 0:
                parts.append(value[start : found.start()])
                start = found.end()
        else:
            depth = max(depth + (1 if found[0] == "(" else -1), 0)
    parts.append(value[start:])
    return [part for part in parts if part.strip()]


def _without_parentheses(condition: str) -> str:
    """Take away parentheses around the whole condition."""
    while condition.startswith("(") and condition.endswith(")") and "(" not in condition[1:-1]:
        condition = condition[1:-1].strip()
    return condition
