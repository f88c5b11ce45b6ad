"""Which edge may follow which when turn restrictions forbid whole sequences of edges.

Every forbidden path becomes a branch of one trie; the trie with failure links is the automaton of Aho and Corasick
(1975, "Efficient string matching", doi 10.1145/360825.360855) over edges instead of letters. A route that has just
driven along the first edges of some forbidden path is in an inner node of that trie, and the automaton says for each
next edge in which node it is then, and whether a forbidden path has just been completed.

Most restrictions span two edges and need no memory. Those over a via way span three or more: the edges in their
middle get a copy in the turn graph for each inner node, which remembers where the route came from.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from geo.roads.network import RoadNetwork

ROOT = 0
ALWAYS = -1


@dataclass
class ForbiddenPaths:
    """The automaton of a network's forbidden paths; node `ROOT` remembers nothing.

    Parameters
    ----------
    last_edge
        The edge each trie node stands for: the last one of its path; ``-1`` for the root.
    depth
        Number of edges of each trie node's path.
    children
        For each trie node, its next edges and the trie nodes they lead to.
    fallback
        The trie node of the longest proper suffix (Aho and Corasick's failure function).
    completed
        Conditions of the forbidden paths that end in each trie node, its suffixes included; `ALWAYS` is one of them
        where a path is forbidden without condition.
    """

    last_edge: list[int] = field(default_factory=lambda: [-1])
    depth: list[int] = field(default_factory=lambda: [0])
    children: list[dict[int, int]] = field(default_factory=lambda: [{}])
    fallback: list[int] = field(default_factory=lambda: [ROOT])
    completed: list[set[int]] = field(default_factory=lambda: [set()])

    @classmethod
    def of_network(cls, network: RoadNetwork) -> ForbiddenPaths:
        """Build the automaton of all forbidden paths of a network, conditional ones included.

        Parameters
        ----------
        network
            The road network.

        Returns
        -------
        ForbiddenPaths
            The automaton.
        """
        automaton = cls()
        first = network.forbidden_path_first.tolist()
        edges = network.forbidden_path_edges.tolist()
        for path, condition in enumerate(network.forbidden_path_condition.tolist()):
            automaton._add(edges[first[path] : first[path + 1]], condition)
        automaton._link()
        return automaton

    def step(self, node: int, edge: int) -> int:
        """Return the trie node after driving `edge` from `node`.

        Parameters
        ----------
        node
            Where the automaton is.
        edge
            The next edge.

        Returns
        -------
        int
            The node of the longest path that the route now ends with.
        """
        while edge not in self.children[node]:
            if node == ROOT:
                return ROOT
            node = self.fallback[node]
        return self.children[node][edge]

    def memory(self, node: int) -> int:
        """Return what must be remembered of `node`: itself, or the longest suffix that a path goes on from.

        Parameters
        ----------
        node
            A trie node just reached.

        Returns
        -------
        int
            A trie node of at least two edges with children, or `ROOT` where the last edge alone says it all.
        """
        while self.depth[node] > 1 and not self.children[node]:
            node = self.fallback[node]
        return node if self.depth[node] > 1 else ROOT

    def has_state(self, node: int) -> bool:
        """Return whether some state of the turn graph remembers `node`.

        Parameters
        ----------
        node
            A trie node.

        Returns
        -------
        bool
            True for single edges that begin a forbidden path and for paths that go on.
        """
        return node != ROOT and bool(self.children[node])

    def copies_by_edge(self) -> dict[int, list[int]]:
        """Return the trie nodes that need a copy of their last edge, by that edge.

        Returns
        -------
        dict
            Edge to trie nodes, ascending.
        """
        copies = defaultdict(list)
        for node, depth in enumerate(self.depth):
            if depth > 1 and self.children[node]:
                copies[self.last_edge[node]].append(node)
        return dict(copies)

    def _add(self, edges: list[int], condition: int) -> None:
        node = ROOT
        for edge in edges:
            if edge not in self.children[node]:
                self.children[node][edge] = len(self.depth)
                self.last_edge.append(edge)
                self.depth.append(self.depth[node] + 1)
                self.children.append({})
                self.fallback.append(ROOT)
                self.completed.append(set())
            node = self.children[node][edge]
        self.completed[node].add(condition)

    def _link(self) -> None:
        """Set the fallbacks breadth first, so that a node's fallback is finished before the node is."""
        level = list(self.children[ROOT].values())
        while level:
            for parent in level:
                for edge, node in self.children[parent].items():
                    self.fallback[node] = self.step(self.fallback[parent], edge)
                    self.completed[node] |= self.completed[self.fallback[node]]
            level = [node for parent in level for node in self.children[parent].values()]
