"""The report of an import as a list that people and machines read: what was counted, how often, and what it means.

A kind is the name of a count of `geo.roads.import_report.ImportReport`; those of a group (restrictions, conditions)
have the group's name before their own. Kinds are stored and sent, so that they are never given another meaning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from geo.roads.import_report import ImportReport

EXPLANATIONS: Mapping[str, str] = {
    "ways_read": "ways with a road tag were read",
    "ways_of_other_profiles": "of these are no roads for this profile, and were dropped",
    "ways_without_roads": "have fewer than two consecutive nodes in the map, and were dropped",
    "cut_ways": "are cut at the border of the map; the parts inside were kept",
    "missing_node_references": "nodes of cut ways are not in the map",
    "repeated_node_references": "nodes are named twice in a row by a way, and were taken once",
    "repeated_ways": "ways have the id of another one, as in a map joined from overlapping ones, and were dropped",
    "nodes_in_one_place": "nodes lie exactly on another one, and were kept apart: roads may pass over each other",
    "zero_length_edges": "road pieces have no length, and were given one centimetre, since they join roads",
    "restrictions.read": "turn restrictions were read",
    "restrictions.applied": "of these forbid something",
    "restrictions.of_other_vehicles": "concern other vehicles",
    "restrictions.not_understood": "have a value that is not known, or lack a member",
    "restrictions.with_missing_members": "name roads that are not in the network: cut off, or not for this profile",
    "restrictions.without_effect": "name roads that may not be driven in that order anyway, or do not meet",
    "conditions.time": "conditions depend on the time alone, and hold where a departure is given",
    "conditions.school_holidays": "conditions name school holidays, which are not known, and hold as on days of school",
    "conditions.vehicle": "conditions depend on the size or weight of the vehicle, and change nothing",
    "conditions.weather": "conditions depend on the weather, and change nothing",
    "conditions.daylight": "conditions depend on daylight, and change nothing",
    "conditions.people": "conditions depend on who travels and what for, and change nothing",
    "conditions.never": "conditions name times that have no moment in common, and change nothing",
    "conditions.unreadable": "conditions cannot be read, and change nothing",
    "conditions.surplus": "conditions are more than are applied together, and change nothing",
    "unknown_access_values": "access values of ways and barriers are not known, and say nothing",
    "forbidden_edges": "road pieces may not be used (one-ways, no access), and were kept to recognise who does",
    "components": "parts of the network cannot reach each other both ways",
    "edges_outside_main_component": "road pieces lie outside the largest part: ways there lead to few other places",
}
"""What each count means, in words that follow the number."""


def import_counts(report: ImportReport) -> dict[str, int]:
    """List the counts of a report.

    Parameters
    ----------
    report
        The report.

    Returns
    -------
    dict[str, int]
        Count by kind, in the order of the report.
    """
    return dict(_counts(report, ""))


def explanation_of(kind: str) -> str:
    """Say what a count means.

    Parameters
    ----------
    kind
        One of `import_counts`, perhaps of another release.

    Returns
    -------
    str
        Words that follow the number; for a kind that this release does not know, its name.
    """
    return EXPLANATIONS.get(kind, kind.replace("_", " ").replace(".", ": "))


def _counts(group: object, prefix: str) -> Iterator[tuple[str, int]]:
    """Go through the counts of a group, and of the groups in it."""
    if dataclasses.is_dataclass(group):
        members = {field.name: getattr(group, field.name) for field in dataclasses.fields(group)}
    elif isinstance(group, Mapping):
        members = {getattr(key, "name", str(key)).lower(): count for key, count in group.items()}
    else:
        members = {}
    for name, count in members.items():
        if isinstance(count, int):
            yield f"{prefix}{name}", count
        else:
            yield from _counts(count, f"{prefix}{name}.")
