"""Lays out what the way rules say of each way as columns, conditional values included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.roads.access import unknown_access_values
from geo.roads.conditional_rules import ConditionalRule, conditional_rules
from geo.roads.conditional_tags import CONDITIONAL_SUFFIX
from geo.roads.conditions import ConditionKind
from geo.roads.osm_roads import Tags
from geo.roads.profiles import Profile
from geo.roads.way_rules import WayRule, way_rule

_KEYS_OF_NAMES = frozenset({"name", "ref"})


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
        What conditions change, with the position of the way.
    condition_kinds
        How many conditions of each kind the ways have.
    unknown_access_values
        How many values of their access tags are not known.
    """

    is_road: NDArray[np.bool_]
    road_class: NDArray[np.uint8]
    flags: NDArray[np.uint16]
    speed_kmh: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    name: NDArray[np.int32]
    names: tuple[str, ...]
    conditional: tuple[tuple[int, ConditionalRule], ...]
    condition_kinds: Counter[ConditionKind]
    unknown_access_values: int


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
    readings = _read_each(way_tags, profile)
    roads = [(way, reading.rule) for way, reading in enumerate(readings) if reading.rule is not None]
    name_of = [road_name(way_tags[way]) for way, _ in roads]
    names = tuple(sorted({"", *name_of}))
    index_of_name = {name: index for index, name in enumerate(names)}
    columns = WayColumns(
        is_road=np.array([reading.rule is not None for reading in readings], np.bool_),
        road_class=np.zeros(len(readings), np.uint8),
        flags=np.zeros((2, len(readings)), np.uint16),
        speed_kmh=np.ones((2, len(readings))),
        duration_s=np.zeros(len(readings)),
        name=np.zeros(len(readings), np.int32),
        names=names,
        conditional=tuple((way, rule) for way, reading in enumerate(readings) for rule in reading.conditional),
        condition_kinds=sum((reading.condition_kinds for reading in readings if reading.condition_kinds), Counter()),
        unknown_access_values=sum(reading.unknown_access_values for reading in readings),
    )
    positions = np.array([way for way, _ in roads], np.int64)
    columns.road_class[positions] = [rule.road_class for _, rule in roads]
    columns.flags[:, positions] = np.array([(r.forward_flags, r.backward_flags) for _, r in roads]).reshape(-1, 2).T
    columns.speed_kmh[:, positions] = np.array([(r.forward_kmh, r.backward_kmh) for _, r in roads]).reshape(-1, 2).T
    columns.duration_s[positions] = [rule.duration_s for _, rule in roads]
    columns.name[positions] = [index_of_name[name] for name in name_of]
    return columns


class _Reading(NamedTuple):
    """What the tags of a way say."""

    rule: WayRule | None
    conditional: tuple[ConditionalRule, ...]
    condition_kinds: Counter[ConditionKind]
    unknown_access_values: int


def _read_each(way_tags: Sequence[Tags], profile: Profile) -> list[_Reading]:
    """Read each way; most ways of a city share their tags with others, so each set of tags is read once."""
    reading_of_tags: dict[frozenset[tuple[str, str]], _Reading] = {}
    readings = []
    for tags in way_tags:
        key = frozenset(item for item in tags.items() if item[0] not in _KEYS_OF_NAMES)
        if key not in reading_of_tags:
            reading_of_tags[key] = _read(tags, profile)
        readings.append(reading_of_tags[key])
    return readings


def _read(tags: Tags, profile: Profile) -> _Reading:
    rule = way_rule(tags, profile)
    if rule is None:
        return _Reading(None, (), Counter(), 0)
    conditional: tuple[ConditionalRule, ...] = ()
    kinds: Counter[ConditionKind] = Counter()
    if any(key.endswith(CONDITIONAL_SUFFIX) for key in tags):
        conditional, kinds = conditional_rules(tags, rule, profile)
    keys = (f"{key}{direction}" for key in profile.access_keys for direction in ("", ":forward", ":backward"))
    return _Reading(rule, conditional, kinds, sum(unknown_access_values(tags.get(key, "")) for key in keys))


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
