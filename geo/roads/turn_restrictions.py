"""Decides which turn restrictions concern a profile, from the tags of their relations.

Read are ``restriction``, ``restriction:<vehicle>`` for every vehicle key of the profile, their ``:conditional``
variants, ``except``, and the old ``day_on``, ``day_off``, ``hour_on``, ``hour_off``. Which edges a restriction
forbids is decided in `geo.roads.restriction_paths`.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.roads.conditional_tags import conditional_clauses
from geo.roads.osm_roads import RestrictionRelation, Tags
from geo.roads.profiles import Profile

TURNS = frozenset({"left_turn", "right_turn", "straight_on", "u_turn", "entry", "exit"})


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


def restrictions_for(relation: RestrictionRelation, profile: Profile) -> list[TurnRestriction] | None:
    """Read the tags of a restriction.

    Parameters
    ----------
    relation
        The relation.
    profile
        Who drives.

    Returns
    -------
    list[TurnRestriction] or None
        The restrictions that concern the profile, one per condition. None where tags concern it, but none of them can
        be understood.
    """
    values = _values(relation.tags, profile)
    found = []
    for value, condition in values:
        prefix, _, turn = value.partition("_")
        if prefix in {"no", "only"} and turn in TURNS:
            found.append(TurnRestriction(prefix == "only", turn, condition, relation))
    return found if found or not values else None


def _values(tags: Tags, profile: Profile) -> list[tuple[str, str]]:
    """Values that concern a profile, each with its condition."""
    vehicles = [key for key in profile.access_keys if key != "access"]
    keys = [f"restriction:{vehicle}" for vehicle in vehicles]
    excepted = {vehicle.strip() for vehicle in tags.get("except", "").split(";")}
    if profile.obeys_turn_restrictions and not excepted.intersection(vehicles):
        keys.append("restriction")
    values = [(tags[key], _legacy_condition(tags)) for key in keys if key in tags]
    for key in keys:
        values += conditional_clauses(tags.get(f"{key}:conditional", ""))
    return values


def _legacy_condition(tags: Tags) -> str:
    """Condition of the old tags ``day_on``, ``day_off``, ``hour_on`` and ``hour_off``; empty without them."""
    days = "-".join(tags[key][:2] for key in ("day_on", "day_off") if key in tags)
    hours = "-".join(tags[key] for key in ("hour_on", "hour_off") if key in tags)
    return f"{days} {hours}".strip()
