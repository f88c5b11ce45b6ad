"""Decides how OSM's conditional values are read: ``value @ (condition); value @ (condition)``.

A conditional tag such as ``motor_vehicle:conditional=no @ (Mo-Fr 07:00-09:00)`` says which value the tag without
``:conditional`` has while the condition holds. So its meaning needs no rules of its own: the way is read once more
with that value (see `conditional_way_tags`). Conditions are kept as written; `geo.roads.conditions` evaluates them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from geo.roads.osm_roads import Tags

_SUFFIX = ":conditional"
_CLAUSE = re.compile(r"\s*([^@;]+?)\s*@\s*(\([^()]*\)|[^;()]+)\s*(?:;|$)")


def conditional_clauses(value: str) -> list[tuple[str, str]]:
    """Split a conditional value into its clauses.

    Parameters
    ----------
    value
        For example ``no_left_turn @ (Mo-Fr 07:00-09:00; Sa 10:00-12:00)``.

    Returns
    -------
    list[tuple[str, str]]
        Pairs of value and condition, as written and without the parentheses; parts that cannot be read are left out.
    """
    return [(clause[1], clause[2].strip("() ")) for clause in _CLAUSE.finditer(value)]


def conditional_way_tags(tags: Tags) -> Iterator[tuple[str, dict[str, str]]]:
    """Tags of a way under each of its conditions.

    Parameters
    ----------
    tags
        Tags of the way, the conditional ones among them.

    Yields
    ------
    tuple[str, dict[str, str]]
        A condition, and the tags that hold while it does (and no other condition does).
    """
    values_by_condition: dict[str, dict[str, str]] = {}
    for key in sorted(tags):
        if key.endswith(_SUFFIX):
            for value, condition in conditional_clauses(tags[key]):
                values_by_condition.setdefault(condition, {})[key.removesuffix(_SUFFIX)] = value
    for condition, values in sorted(values_by_condition.items()):
        yield condition, {**tags, **values}
