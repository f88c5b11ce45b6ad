"""Decides what a tagged OSM way means to a profile: whether it is a road, who may use which direction, how fast."""

from __future__ import annotations

import re
from typing import NamedTuple

from geo.roads.access import Access, access_of
from geo.roads.maxspeed import parse_maxspeed_kmh
from geo.roads.network import EdgeFlag, RoadClass
from geo.roads.osm_roads import Tags
from geo.roads.profiles import Profile

ROAD_CLASS_BY_HIGHWAY = {road_class.name.lower(): road_class for road_class in RoadClass if road_class.name != "FERRY"}

_SLOWEST_KMH = 1.0
"""No road is slower, whatever its tags say."""

_BOTH_WAYS, _NEITHER_WAY = 0, 2
_ONEWAY_BY_VALUE = {
    "yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1,
    "no": _BOTH_WAYS, "false": _BOTH_WAYS, "0": _BOTH_WAYS, "alternating": _BOTH_WAYS,
    "reversible": _NEITHER_WAY,  # nobody can know which way now
}  # fmt: skip
_PAVED = frozenset(
    {
        "asphalt",
        "bricks",
        "cement",
        "chipseal",
        "cobblestone",
        "cobblestone:flattened",
        "concrete",
        "concrete:lanes",
        "concrete:plates",
        "metal",
        "paved",
        "paving_stones",
        "sett",
        "tartan",
        "unhewn_cobblestone",
        "wood",
    }
)
_CYCLEWAY_SIDES = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
_LIMIT_KEYS = ("maxspeed", "zone:maxspeed", "maxspeed:type", "source:maxspeed")
_OTHER_KEYS = (
    "area", "bridge", "duration", "highway", "impassable", "junction", "motorroad", "name", "ref", "route", "service",
    "smoothness", "status", "surface", "toll", "tracktype", "tunnel",
)  # fmt: skip
_CLOCK_DURATION = re.compile(r"(?:(\d+):)?(\d+):(\d\d)|(\d+)")
_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class WayRule(NamedTuple):
    """What a way means to a profile; ``forward`` is the direction of its node list.

    Parameters
    ----------
    road_class
        Its class.
    forward_flags, backward_flags
        Properties of the edges of each direction.
    forward_kmh, backward_kmh
        Speeds, positive also where the direction is forbidden.
    duration_s
        Seconds from end to end where a tag states them (ferries); 0 otherwise.
    """

    road_class: RoadClass
    forward_flags: EdgeFlag
    backward_flags: EdgeFlag
    forward_kmh: float
    backward_kmh: float
    duration_s: float


def way_rule(tags: Tags, profile: Profile) -> WayRule | None:
    """Read the tags of a way.

    Parameters
    ----------
    tags
        Tags of the way.
    profile
        Who reads them.

    Returns
    -------
    WayRule or None
        None where the way is no road of a class that the profile knows. A road that the profile knows but may not
        use comes back with `EdgeFlag.FORBIDDEN` in both directions.
    """
    road_class = _road_class(tags)
    if road_class is None or road_class not in profile.classes:
        return None
    if tags.get("area") == "yes" and not profile.uses_areas:
        return None
    shared = _shared_flags(tags, road_class)
    oneway = _oneway(tags, profile, road_class)
    flags, speeds = [], []
    for direction, allowed_oneway in (("forward", 1), ("backward", -1)):
        access = _access(tags, profile, road_class, direction)
        is_closed = access is Access.NO or oneway not in {_BOTH_WAYS, allowed_oneway}
        ends_only = EdgeFlag.ENDS_ONLY if access is Access.ENDS_ONLY else EdgeFlag(0)
        flags.append(shared | (EdgeFlag.FORBIDDEN if is_closed else ends_only))
        speeds.append(_speed_kmh(tags, profile, road_class, direction))
    duration_s = _duration_s(tags.get("duration", "")) if road_class is RoadClass.FERRY else 0.0
    return WayRule(road_class, flags[0], flags[1], speeds[0], speeds[1], duration_s)


def way_keys(profile: Profile) -> frozenset[str]:
    """Every key that the import reads from a way.

    Parameters
    ----------
    profile
        Who reads.

    Returns
    -------
    frozenset[str]
        The keys; readers may leave out all others.
    """
    both_ways = (*profile.access_keys, "maxspeed")
    changing = {
        *(f"{key}{direction}" for key in both_ways for direction in ("", ":forward", ":backward")),
        *(f"maxspeed:{vehicle}" for vehicle in _vehicles(profile)),
        *(f"{side}{suffix}" for side in _CYCLEWAY_SIDES for suffix in ("", ":oneway")),
        *profile.oneway_keys,
        *_LIMIT_KEYS,
    }
    return frozenset({*_OTHER_KEYS, *changing, *(f"{key}:conditional" for key in changing)})


def is_understood(key: str, value: str, profile: Profile) -> bool:
    """Say whether a value of a key means something to a profile.

    Parameters
    ----------
    key
        One of `way_keys`.
    value
        Its value.
    profile
        Who reads it.

    Returns
    -------
    bool
        Whether the tag says anything.
    """
    if "maxspeed" in key:
        return parse_maxspeed_kmh(value) is not None
    if key.startswith("oneway"):
        return value in _ONEWAY_BY_VALUE
    is_access = key.partition(":")[0] in profile.access_keys
    return not is_access or access_of(value, can_push=profile.pushing_speed_kmh > 0.0) is not None


def _vehicles(profile: Profile) -> list[str]:
    return [key for key in profile.access_keys if key != "access"]


def _road_class(tags: Tags) -> RoadClass | None:
    if tags.get("route") == "ferry":
        return RoadClass.FERRY
    return ROAD_CLASS_BY_HIGHWAY.get(tags.get("highway", ""))


def _shared_flags(tags: Tags, road_class: RoadClass) -> EdgeFlag:
    flags = EdgeFlag(0)
    if tags.get("junction") in {"roundabout", "circular"}:
        flags |= EdgeFlag.ROUNDABOUT
    if road_class is RoadClass.FERRY:
        flags |= EdgeFlag.FERRY
    for key, flag in (("tunnel", EdgeFlag.TUNNEL), ("bridge", EdgeFlag.BRIDGE), ("toll", EdgeFlag.TOLL)):
        if tags.get(key, "no") != "no":
            flags |= flag
    surface = tags.get("surface", "")
    is_rough_track = not surface and road_class is RoadClass.TRACK and tags.get("tracktype") != "grade1"
    if is_rough_track or (surface and surface not in _PAVED):
        flags |= EdgeFlag.UNPAVED
    return flags


def _access(tags: Tags, profile: Profile, road_class: RoadClass, direction: str) -> Access:
    """Access of one direction: the most specific tag decides, then the class."""
    if _is_impassable(tags):
        return Access.NO
    tagged = _tagged_access(tags, profile, direction)
    return _untagged_access(tags, profile, road_class) if tagged is None else tagged


def _untagged_access(tags: Tags, profile: Profile, road_class: RoadClass) -> Access:
    if road_class is RoadClass.FERRY:
        return Access.YES if profile.ferries_by_default else Access.NO
    if tags.get("motorroad") == "yes" and "motor_vehicle" not in profile.access_keys:
        return Access.NO
    if road_class is RoadClass.SERVICE and tags.get("service") == "emergency_access":
        return Access.NO
    if road_class is RoadClass.SERVICE and tags.get("service") in profile.ends_only_services:
        return Access.ENDS_ONLY
    return profile.classes[road_class].access


def _tagged_access(tags: Tags, profile: Profile, direction: str) -> Access | None:
    for key in profile.access_keys:
        for value in (tags.get(f"{key}:{direction}"), tags.get(key)):
            access = access_of(value, can_push=profile.pushing_speed_kmh > 0.0) if value else None
            if access is not None:
                return access
    return None


def _is_impassable(tags: Tags) -> bool:
    return (
        tags.get("impassable") == "yes" or tags.get("status") == "impassable" or tags.get("smoothness") == "impassable"
    )


def _oneway(tags: Tags, profile: Profile, road_class: RoadClass) -> int:
    """Direction of travel: 1 forward only, -1 backward only, `_BOTH_WAYS`, `_NEITHER_WAY`."""
    for key in profile.oneway_keys:
        oneway = _ONEWAY_BY_VALUE.get(tags.get(key, ""))
        if oneway is not None:
            return 0 if oneway and key == "oneway" and _has_contraflow_cycling(tags, profile) else oneway
    is_implied = road_class is RoadClass.MOTORWAY or tags.get("junction") in {"roundabout", "circular"}
    return 1 if is_implied and "oneway" in profile.oneway_keys else 0


def _has_contraflow_cycling(tags: Tags, profile: Profile) -> bool:
    if "bicycle" not in profile.access_keys:
        return False
    return any(
        tags.get(side, "").startswith("opposite") or tags.get(f"{side}:oneway") == "no" for side in _CYCLEWAY_SIDES
    )


def _speed_kmh(tags: Tags, profile: Profile, road_class: RoadClass, direction: str) -> float:
    rule = profile.classes[road_class]
    speed = rule.speed_kmh
    if rule.allowed_speed_kmh and any(access_of(tags.get(key, "")) for key in _vehicles(profile)):
        speed = rule.allowed_speed_kmh
    if profile.maxspeed_share:
        limit = _maxspeed_kmh(tags, profile, direction)
        if limit is not None:
            # Drivers average four fifths of the limit; riders go at their own speed and only slow down for it.
            speed = limit * profile.maxspeed_share if profile.name == "car" else min(speed, limit)
    if profile.pushing_speed_kmh and any(tags.get(key) == "dismount" for key in profile.access_keys):
        speed = min(speed, profile.pushing_speed_kmh)
    for key, bounds in (
        ("surface", profile.surface_speeds_kmh),
        ("smoothness", profile.smoothness_speeds_kmh),
        ("tracktype", profile.tracktype_speeds_kmh),
    ):
        speed = min(speed, bounds.get(tags.get(key, ""), speed))
    return max(min(speed, profile.top_speed_kmh), _SLOWEST_KMH)


def _maxspeed_kmh(tags: Tags, profile: Profile, direction: str) -> float | None:
    for key in (*(f"maxspeed:{vehicle}" for vehicle in _vehicles(profile)), f"maxspeed:{direction}", *_LIMIT_KEYS):
        limit = parse_maxspeed_kmh(tags[key]) if key in tags else None
        if limit is not None:
            return limit
    return None


def _duration_s(value: str) -> float:
    """Seconds of an OSM ``duration``: ``MM``, ``HH:MM``, ``HH:MM:SS`` or ISO 8601; 0 where it says nothing."""
    if iso := _ISO_DURATION.fullmatch(value):
        hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        return float(3600 * hours + 60 * minutes + seconds)
    clock = _CLOCK_DURATION.fullmatch(value)
    if clock is None:
        return 0.0
    if clock[4]:
        return 60.0 * int(clock[4])
    if clock[1]:
        return 3600.0 * int(clock[1]) + 60.0 * int(clock[2]) + int(clock[3])
    return 3600.0 * int(clock[2]) + 60.0 * int(clock[3])
