"""Lays out what the way rules say of each way as columns, conditional values included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.roads.conditional_tags import conditional_way_tags
from geo.roads.osm_roads import Tags
from geo.roads.profiles import Profile
from geo.roads.way_rules import WayRule, way_rule

_KEYS_OF_NAMES = frozenset({"name", "ref"})


class ConditionalRule(NamedTuple):
    """What one direction of a way is while a condition holds.

    Parameters
    ----------
    way
        Position of the way.
    direction
        0 forward, 1 backward: a row of `WayColumns`.
    condition
        OSM's condition.
    flags, speed_kmh
        What replaces the values of `WayColumns`.
    """

    way: int
    direction: int
    condition: str
    flags: int
    speed_kmh: float


class WayColumns(NamedTuple):
    """What the rules say of ``w`` ways; rows of two are forward and backward.

    Parameters
    ----------
    is_road
        ``(w,)`` bool: whether the profile knows the way; the other columns mean nothing elsewhere.
    road_class
        ``(w,)`` uint8.
    flags
        ``(2, w)`` uint16.
    speed_kmh
        ``(2, w)`` float64.
    duration_s
        ``(w,)`` float64: seconds from end to end where a tag states them, otherwise 0.
    name
        ``(w,)`` int32 index into `names`.
    names
        All names, ascending, the empty one first.
    conditional
        What conditions change.
    """

    is_road: NDArray[np.bool_]
    road_class: NDArray[np.uint8]
    flags: NDArray[np.uint16]
    speed_kmh: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    name: NDArray[np.int32]
    names: tuple[str, ...]
    conditional: tuple[ConditionalRule, ...]


def read_way_columns(way_tags: Sequence[Tags], profile: Profile) -> WayColumns:
    """Read the tags of ways.

    Parameters
    ----------
    way_tags
        Tags of each way.
    profile
        Who reads them.

    Returns
    -------
    WayColumns
        One entry per way.
    """
    rules = _read_rules(way_tags, profile)
    roads = [(way, rule) for way, rule in enumerate(rules) if rule is not None]
    name_of = [road_name(way_tags[way]) for way, _ in roads]
    names = tuple(sorted({"", *name_of}))
    index_of_name = {name: index for index, name in enumerate(names)}
    columns = WayColumns(
        is_road=np.array([rule is not None for rule in rules], np.bool_),
        road_class=np.zeros(len(rules), np.uint8),
        flags=np.zeros((2, len(rules)), np.uint16),
        speed_kmh=np.ones((2, len(rules))),
        duration_s=np.zeros(len(rules)),
        name=np.zeros(len(rules), np.int32),
        names=names,
        conditional=tuple(
            conditional for way, rule in roads for conditional in _conditional_rules(way, way_tags[way], rule, profile)
        ),
    )
    positions = np.array([way for way, _ in roads], np.int64)
    columns.road_class[positions] = [rule.road_class for _, rule in roads]
    columns.flags[:, positions] = np.array([(r.forward_flags, r.backward_flags) for _, r in roads]).reshape(-1, 2).T
    columns.speed_kmh[:, positions] = np.array([(r.forward_kmh, r.backward_kmh) for _, r in roads]).reshape(-1, 2).T
    columns.duration_s[positions] = [rule.duration_s for _, rule in roads]
    columns.name[positions] = [index_of_name[name] for name in name_of]
    return columns


def _read_rules(way_tags: Sequence[Tags], profile: Profile) -> list[WayRule | None]:
    """Rule of each way; most ways of a city share their tags with others, so each set of tags is read once."""
    rule_of_tags: dict[frozenset[tuple[str, str]], WayRule | None] = {}
    rules = []
    for tags in way_tags:
        key = frozenset(item for item in tags.items() if item[0] not in _KEYS_OF_NAMES)
        if key not in rule_of_tags:
            rule_of_tags[key] = way_rule(tags, profile)
        rules.append(rule_of_tags[key])
    return rules


def road_name(tags: Tags) -> str:
    """Name of a road: its ``name``, otherwise its ``ref``, otherwise empty.

    Parameters
    ----------
    tags
        Tags of the way.

    Returns
    -------
    str
        What people call it.
    """
    return tags.get("name") or tags.get("ref") or ""


def _conditional_rules(way: int, tags: Tags, rule: WayRule, profile: Profile) -> list[ConditionalRule]:
    found = []
    for condition, changed_tags in conditional_way_tags(tags):
        changed = way_rule(changed_tags, profile)
        if changed is None:
            continue
        forward, backward = (changed.forward_flags, changed.forward_kmh), (changed.backward_flags, changed.backward_kmh)
        if forward != (rule.forward_flags, rule.forward_kmh):
            found.append(ConditionalRule(way, 0, condition, *forward))
        if backward != (rule.backward_flags, rule.backward_kmh):
            found.append(ConditionalRule(way, 1, condition, *backward))
    return found
