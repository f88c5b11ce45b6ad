"""Decides which turn restrictions concern a profile, from the tags of their relations.

Read are ``restriction``, ``restriction:<vehicle>`` for every vehicle key of the profile, their ``:conditional``
variants, ``except``, and the old ``day_on``, ``day_off``, ``hour_on``, ``hour_off``. Of the keys without conditions the
most specific that says something decides: ``restriction:motorcar=none`` lifts a ``restriction``. A restriction that is
lifted only under a condition is kept at all times. Which edges a restriction forbids is decided in
`geo.roads.restriction_paths`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

from geo.roads.conditional_tags import conditional_clauses
from geo.roads.conditions import APPLIED_KINDS, ConditionKind, condition_kind
from geo.roads.osm_roads import RestrictionRelation, Tags
from geo.roads.profiles import Profile

TURNS = frozenset({"left_turn", "right_turn", "straight_on", "u_turn", "entry", "exit"})
_NO_RESTRICTION = frozenset({"none", "no"})


@dataclass(frozen=True)
class TurnRestriction:
    """One restriction that concerns the profile.

    Parameters
    ----------
    is_only
        Whether it is an ``only_*``.
    turn
        The rest of its value: ``left_turn``, ``entry``, ….
    condition
        When it holds; empty for always.
    relation
        Where it comes from.
    """

    is_only: bool
    turn: str
    condition: str
    relation: RestrictionRelation


@dataclass(frozen=True)
class RelationReading:
    """What the tags of a relation say to the profile.

    Parameters
    ----------
    restrictions
        The restrictions that concern the profile, one per value and condition.
    is_understood
        False where tags concern the profile, but none of them can be understood.
    condition_kinds
        How many of their conditions depend on what; only restrictions under a condition of time, or none, are kept.
    """

    restrictions: tuple[TurnRestriction, ...]
    is_understood: bool
    condition_kinds: Counter[ConditionKind]


def read_restriction(relation: RestrictionRelation, profile: Profile) -> RelationReading:
    """Read the tags of a restriction.

    Parameters
    ----------
    relation
        The relation.
    profile
        Who drives.

    Returns
    -------
    RelationReading
        What concerns the profile.
    """
    always, sometimes = _values(relation.tags, profile)
    found = [_restriction(value, "", relation) for value in always]
    kinds: Counter[ConditionKind] = Counter()
    for value, condition in sometimes:
        restriction = _restriction(value, condition, relation)
        kind = ConditionKind.UNREADABLE if restriction is None else condition_kind(condition)
        kinds[kind] += 1
        if kind in APPLIED_KINDS:
            found.append(restriction)
    restrictions = tuple(restriction for restriction in found if restriction is not None)
    is_lifted = bool(always) and _NO_RESTRICTION.issuperset(always)
    is_understood = bool(restrictions) or is_lifted or not (always or sometimes)
    return RelationReading(restrictions, is_understood, kinds)


def _restriction(value: str, condition: str, relation: RestrictionRelation) -> TurnRestriction | None:
    prefix, _, turn = value.partition("_")
    if prefix not in {"no", "only"} or turn not in TURNS:
        return None
    return TurnRestriction(prefix == "only", turn, condition, relation)


def _values(tags: Tags, profile: Profile) -> tuple[list[str], list[tuple[str, str]]]:
    """Values that concern a profile: those without condition, and those with one."""
    vehicles = [key for key in profile.access_keys if key != "access"]
    keys = [f"restriction:{vehicle}" for vehicle in vehicles]
    excepted = {vehicle.strip() for vehicle in tags.get("except", "").split(";")}
    if profile.obeys_turn_restrictions and not excepted.intersection(vehicles):
        keys.append("restriction")
    said = [_listed(tags[key]) for key in keys if key in tags]
    deciding = next((values for values in said if any(map(_is_known, values))), said[0] if said else [])
    conditional = [clause for key in keys for clause in conditional_clauses(tags.get(f"{key}:conditional", ""))]
    condition = _legacy_condition(tags)
    if condition and deciding:
        return [], [*((value, condition) for value in deciding), *conditional]
    return deciding, conditional


def _is_known(value: str) -> bool:
    prefix, _, turn = value.partition("_")
    return value in _NO_RESTRICTION or (prefix in {"no", "only"} and turn in TURNS)


def _listed(value: str) -> list[str]:
    return [part for part in (part.strip() for part in value.split(";")) if part]


def _legacy_condition(tags: Tags) -> str:
    """Condition of the old tags ``day_on``, ``day_off``, ``hour_on`` and ``hour_off``; empty without them."""
    days = ",".join(_ranges(tags, "day", length=2))
    hours = ",".join(_ranges(tags, "hour", length=None))
    return f"{days} {hours}".strip()


def _ranges(tags: Tags, unit: str, *, length: int | None) -> list[str]:
    """Ranges from ``…_on`` to ``…_off``, each of which may be a list; a range without its end cannot be read later."""
    starts, ends = (_listed(tags.get(f"{unit}_{side}", "")) for side in ("on", "off"))
    return [f"{start[:length]}-{end[:length]}" for start, end in zip_longest(starts, ends, fillvalue="?")]
