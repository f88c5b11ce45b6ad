"""The report of an import: what was read, and what was dropped or repaired and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.roads.conditions import ConditionKind
from geo.roads.network import RoadNetwork
from geo.roads.restriction_paths import RestrictionCounts


@dataclass(frozen=True)
class ImportReport:
    """What an import read, and what it dropped or repaired and why.

    Parameters
    ----------
    ways_read
        Ways that carry a road tag.
    ways_of_other_profiles
        Of these, ways that are no road of a class that the profile knows; dropped.
    ways_without_roads
        Of the others, ways of which fewer than two consecutive nodes are in the input; dropped.
    cut_ways, missing_node_references
        Ways with nodes missing from the input (cut at a border), and how many references that are. The parts that
        are there are kept.
    repeated_node_references
        References to the same node twice in a row; taken once.
    repeated_ways
        Further ways with the id of another one, as maps hold that were joined from overlapping ones; dropped.
    nodes_in_one_place
        Nodes of roads that lie exactly where another one lies. Kept apart: one road may pass over the other.
    zero_length_edges
        Edges whose points all lie in one place; kept with the least length (1 cm), since they join roads.
    restrictions
        What became of the turn restrictions.
    conditions
        How many conditions of ways, barriers and restrictions depend on what. Applied are those of time alone, school
        holidays left aside, where a departure time is given; none of the others changes anything.
    unknown_access_values
        Values of access tags of ways and barriers that are not known and so say nothing.
    forbidden_edges
        Edges that the profile may not use (against a one-way, no access); kept for matching.
    components, edges_outside_main_component
        Strongly connected parts of the network, and how many usable edges lie outside the largest one.
    """

    ways_read: int
    ways_of_other_profiles: int
    ways_without_roads: int
    cut_ways: int
    missing_node_references: int
    repeated_node_references: int
    repeated_ways: int
    nodes_in_one_place: int
    zero_length_edges: int
    restrictions: RestrictionCounts
    conditions: Mapping[ConditionKind, int]
    unknown_access_values: int
    forbidden_edges: int
    components: int
    edges_outside_main_component: int


@dataclass(frozen=True)
class ImportedNetwork:
    """A road network with the report of its import.

    Parameters
    ----------
    network
        The network.
    report
        What was dropped or repaired and why.
    """

    network: RoadNetwork
    report: ImportReport
