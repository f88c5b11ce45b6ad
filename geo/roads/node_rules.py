"""Decides what a tagged OSM node means to a profile: a barrier, a traffic signal, or nothing."""

from __future__ import annotations

from geo.roads.access import Access, access_of, unknown_access_values
from geo.roads.conditional_tags import CONDITIONAL_SUFFIX
from geo.roads.network import NodeFlag
from geo.roads.osm_roads import Tags
from geo.roads.profiles import PROFILES, Profile

NODE_KEYS = ("barrier", "highway", "crossing")
"""A node without any of these keys means nothing; readers may leave it out of ``OsmRoads.node_tags``."""

_ACCESS_KEYS = {key for each in PROFILES.values() for key in each.access_keys}
_READ_KEYS = frozenset(
    {*NODE_KEYS, "locked", "bollard", *_ACCESS_KEYS, *(f"{key}{CONDITIONAL_SUFFIX}" for key in _ACCESS_KEYS)}
)

_FLAG_BY_ACCESS = {
    Access.NO: NodeFlag.BARRIER,
    Access.ENDS_ONLY: NodeFlag.PRIVATE_GATE,
    Access.YES: NodeFlag(0),
}


def node_tags_kept(tags: Tags) -> dict[str, str]:
    """Leave of the tags of a node what some profile reads.

    Parameters
    ----------
    tags
        Tags of the node.

    Returns
    -------
    dict[str, str]
        Empty where the node means nothing to any profile: a bus stop, a crossing without signals.
    """
    is_meant = "barrier" in tags or "traffic_signals" in {tags.get("highway"), tags.get("crossing")}
    return {key: tags[key] for key in _READ_KEYS & tags.keys()} if is_meant else {}


def node_flags(tags: Tags, profile: Profile) -> NodeFlag:
    """Read the tags of a node.

    Parameters
    ----------
    tags
        Tags of the node.
    profile
        Who reads them.

    Returns
    -------
    NodeFlag
        `NodeFlag.BARRIER` where the profile cannot pass, `NodeFlag.PRIVATE_GATE` where it may for business behind,
        `NodeFlag.TRAFFIC_SIGNALS` where a signal may stop it.
    """
    flags = NodeFlag(0)
    if _has_signals(tags, profile):
        flags |= NodeFlag.TRAFFIC_SIGNALS
    if "barrier" in tags:
        flags |= _FLAG_BY_ACCESS[_passage(tags, profile)]
    return flags


def unknown_values_of_barrier(tags: Tags, profile: Profile) -> int:
    """Count what the access tags of a barrier say in vain to a profile.

    Parameters
    ----------
    tags
        Tags of a node.
    profile
        Who reads them.

    Returns
    -------
    int
        How many values are not known; 0 where the node is no barrier.
    """
    if "barrier" not in tags:
        return 0
    return sum(unknown_access_values(tags.get(key, "")) for key in profile.access_keys)


def _has_signals(tags: Tags, profile: Profile) -> bool:
    if tags.get("highway") == "traffic_signals":
        return True
    return profile.name == "foot" and tags.get("crossing") == "traffic_signals"


def _passage(tags: Tags, profile: Profile) -> Access:
    """Who may pass a barrier: the most specific access tag decides, then the barrier."""
    for key in profile.access_keys:
        access = access_of(tags.get(key, ""), can_push=profile.pushing_speed_kmh > 0.0)
        if access is not None:
            return access
    if tags.get("locked") == "yes":
        return Access.NO
    if tags["barrier"] == "bollard" and tags.get("bollard") == "rising":
        return Access.YES
    if profile.passable_barriers:
        return Access.YES if tags["barrier"] in profile.passable_barriers else Access.NO
    return Access.NO if tags["barrier"] in profile.blocking_barriers else Access.YES
