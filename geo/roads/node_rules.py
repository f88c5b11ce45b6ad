"""Decides what a tagged OSM node means to a profile: a barrier, a traffic signal, or nothing."""

from __future__ import annotations

from geo.roads.network import NodeFlag
from geo.roads.osm_roads import Tags
from geo.roads.profiles import ACCESS_BY_VALUE, Access, Profile

NODE_KEYS = ("barrier", "highway", "crossing")
"""A node without any of these keys means nothing; readers may leave it out of ``OsmRoads.node_tags``."""


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
        `NodeFlag.BARRIER` where the profile cannot pass, `NodeFlag.TRAFFIC_SIGNALS` where a signal may stop it.
    """
    flags = NodeFlag(0)
    if _has_signals(tags, profile):
        flags |= NodeFlag.TRAFFIC_SIGNALS
    if "barrier" in tags and not _lets_through(tags, profile):
        flags |= NodeFlag.BARRIER
    return flags


def _has_signals(tags: Tags, profile: Profile) -> bool:
    if tags.get("highway") == "traffic_signals":
        return True
    return profile.name == "foot" and tags.get("crossing") == "traffic_signals"


def _lets_through(tags: Tags, profile: Profile) -> bool:
    for key in profile.access_keys:
        access = ACCESS_BY_VALUE.get(tags.get(key, ""))
        if access is not None:
            # A private gate stops nobody who has a visit behind it; the roads there carry their own access tags.
            return access is not Access.NO
    if tags.get("locked") == "yes":
        return False
    if tags["barrier"] == "bollard" and tags.get("bollard") == "rising":
        return True
    if profile.passable_barriers:
        return tags["barrier"] in profile.passable_barriers
    return tags["barrier"] not in profile.blocking_barriers
