"""Map matching the obvious way: every road looked at, one search per candidate, lists and loops."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.matching.match import PointState
from geo.matching.matched_geometry import edge_part_line
from geo.matching.options import MovementModel
from geo.matching.path_kernels import LINK_ROAD, Path
from geo.matching.records import Records
from geo.matching.segment_kernels import Observed
from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork

METRES_PER_DEGREE = 6_371_008.8 * math.pi / 180.0


@dataclass(frozen=True)
class NaiveCandidate:
    """A place on an edge near an observation."""

    edge: int
    along_m: float
    distance_m: float


def edge_line(network: RoadNetwork, edge: int) -> list[tuple[float, float]]:
    """Latitude and longitude of the points of an edge."""
    return [(float(latitude), float(longitude)) for latitude, longitude in network.edge_points(edge)]


def heading(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """Return the unit vector (east, north) from one place to another."""
    east = (end[1] - start[1]) * math.cos(math.radians((start[0] + end[0]) / 2.0))
    north = end[0] - start[0]
    length = max(math.hypot(east, north), 1e-12)
    return east / length, north / length


def candidates_near(network: RoadNetwork, latitude: float, longitude: float, radius_m: float) -> list[NaiveCandidate]:
    """List the nearest place of every unbroken part of a road within a radius, in both directions."""
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    found = []
    for edge in range(network.edge_count):
        if network.edge_is_backward[edge]:
            continue
        line = [
            ((y - latitude) * METRES_PER_DEGREE, (x - longitude) * metres_east) for y, x in edge_line(network, edge)
        ]
        steps = [heading_length(one, other) for one, other in pairwise(line)]
        length_m = float(network.edge_length_cm[edge]) / 100.0
        best: NaiveCandidate | None = None
        for number, (one, other) in enumerate(pairwise(line)):
            share, distance_m = nearest_share(one, other)
            if distance_m <= radius_m:
                along_m = length_m * (sum(steps[:number]) + share * steps[number]) / max(sum(steps), 1e-12)
                if best is None or distance_m < best.distance_m:
                    best = NaiveCandidate(edge, along_m, distance_m)
            elif best is not None:
                found.append(best)
                best = None
        if best is not None:
            found.append(best)
    back = [
        NaiveCandidate(
            int(network.edge_reverse[one.edge]),
            float(network.edge_length_cm[one.edge]) / 100.0 - one.along_m,
            one.distance_m,
        )
        for one in found
    ]
    return found + back


def heading_length(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two places in metres."""
    return math.hypot(other[0] - one[0], other[1] - one[1])


def nearest_share(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Share along a segment at which it is nearest to the origin, and the distance there."""
    dy, dx = other[0] - one[0], other[1] - one[1]
    squared = dx * dx + dy * dy
    share = min(max(-(one[0] * dy + one[1] * dx) / squared, 0.0), 1.0) if squared > 0.0 else 0.0
    return share, math.hypot(one[0] + share * dy, one[1] + share * dx)


class NaiveRoads:
    """What driving costs on a network, in nats."""

    def __init__(self, network: RoadNetwork, model: MovementModel) -> None:
        self.network = network
        self.model = model
        length_m = network.edge_length_cm / 100.0
        duration_s = network.edge_duration_ms / 1000.0
        mean_mps = float(length_m.sum() / duration_s.sum())
        self.forbidden = [bool(flags & EdgeFlag.FORBIDDEN) for flags in network.edge_flags]
        self.metre_nats = [
            ((1.0 - model.time_share) + model.time_share * mean_mps * seconds / metres)
            * (1.0 + model.forbidden_length_share if forbidden else 1.0)
            / model.detour_m
            for metres, seconds, forbidden in zip(length_m.tolist(), duration_s.tolist(), self.forbidden, strict=True)
        ]
        self.length_m = length_m.tolist()
        paths = [
            tuple(network.forbidden_path_edges[start:stop].tolist())
            for start, stop, condition in zip(
                network.forbidden_path_first[:-1],
                network.forbidden_path_first[1:],
                network.forbidden_path_condition,
                strict=True,
            )
            if condition < 0
        ]
        self.forbidden_turns = {path for path in paths if len(path) == 2}

    def onward(self, edge: int) -> list[int]:
        """List the edges that leave the head of an edge."""
        head = self.network.edge_head[edge]
        return [other for other in range(self.network.edge_count) if self.network.edge_tail[other] == head]

    def turn_nats(self, edge: int, other: int) -> float:
        """Return the price of passing from one edge to the next."""
        model = self.model
        if other == self.network.edge_reverse[edge]:
            nats = model.dead_end_u_turn_nats if len(self.onward(edge)) == 1 else model.u_turn_nats
        else:
            out, onto = edge_line(self.network, edge), edge_line(self.network, other)
            (east, north), (other_east, other_north) = heading(out[-2], out[-1]), heading(onto[0], onto[1])
            nats = 0.5 * model.sharpest_turn_nats * (1.0 - east * other_east - north * other_north)
        is_barrier = bool(self.network.node_flags[self.network.edge_head[edge]] & NodeFlag.BARRIER)
        if is_barrier or (edge, other) in self.forbidden_turns:
            nats += model.forbidden_turn_nats
        if self.forbidden[other] and not self.forbidden[edge]:
            nats += model.forbidden_edge_nats
        return nats

    def nats_to_tails(self, edge: int, along_m: float) -> dict[int, float]:
        """Return the least cost from a place on an edge to the tail of every edge, its turn included."""
        start = (self.length_m[edge] - along_m) * self.metre_nats[edge]
        least: dict[int, float] = {}
        queue = [(start + self.turn_nats(edge, other), other) for other in self.onward(edge)]
        heapq.heapify(queue)
        while queue:
            nats, here = heapq.heappop(queue)
            if here in least:
                continue
            least[here] = nats
            end = nats + self.length_m[here] * self.metre_nats[here]
            for other in self.onward(here):
                if other not in least:
                    heapq.heappush(queue, (end + self.turn_nats(here, other), other))
        return least

    def way_nats(self, one: NaiveCandidate, tails: dict[int, float], other: NaiveCandidate, sigma_m: float) -> float:
        """Return the least cost from one candidate to another along the roads, with the error of their positions."""
        ways = [math.inf]
        if other.edge in tails:
            ways.append(tails[other.edge] + other.along_m * self.metre_nats[other.edge])
        back_m = one.along_m - other.along_m
        if other.edge == one.edge and back_m <= max(self.model.reverse_m, self.model.reverse_sigmas * sigma_m):
            doubt = max(0.0, back_m - self.model.reverse_m) / sigma_m
            ways.append(abs(back_m) * self.metre_nats[one.edge] + doubt**2 / 2.0)
        return min(ways)


def naive_point_states(layers: Records, path: Path, count: int) -> list[int]:
    """Return the state of every believed point by looking for the observation that it belongs to."""
    states = []
    for point in range(count):
        number = max(place for place, layer in enumerate(layers) if layer["first"] <= point)
        layer = layers[number]
        if point <= layer["last"]:
            moving = PointState.MATCHED if path.arrive[number] >= 0 else PointState.OFF_ROAD
            states.append(int(PointState.STAY if layer["last"] > layer["first"] else moving))
        else:
            is_road = path.link[number + 1] == LINK_ROAD
            states.append(int(PointState.INTERPOLATED if is_road else PointState.OFF_ROAD))
    return states


def naive_road_between(
    edges: Records, path: Path, observed: Observed, start: int, end: int
) -> tuple[list[int], list[float], list[float], list[float], float]:
    """Cut a part of a path out: edges, shares at which they are entered and left, milliseconds of entry, metres."""
    first, last = int(path.leave[start]), int(path.arrive[end])
    from_m, to_m = path.from_m[first : last + 1].copy(), path.to_m[first : last + 1].copy()
    if path.leave[start] == path.arrive[start]:
        from_m[0] = path.along_m[start]
    to_m[-1] = path.along_m[end]
    to_m = np.maximum(to_m, from_m)
    entered_m = np.append(0.0, np.cumsum(to_m - from_m))
    layers = np.arange(start, end + 1)
    part = path.arrive[layers] - first
    part[0] = 0
    passed_m = entered_m[part] + path.along_m[layers] - from_m[part]
    passed_m[0] = 0.0
    time_ms = np.append(observed.last_ms[start], observed.first_ms[layers[1:]])
    entry_ms = np.interp(entered_m[:-1], np.maximum.accumulate(passed_m), time_ms)
    kept = to_m > from_m
    kept[0] |= not kept.any()
    edge = path.edge[first : last + 1][kept]
    length_m = edges["length_m"][edge]
    entered, left = from_m[kept] / length_m, to_m[kept] / length_m
    return edge.tolist(), entered.tolist(), left.tolist(), entry_ms[kept].tolist(), float(entered_m[-1])


def naive_link_margins(candidates: Records, steps: Records, path: Path) -> list[float]:
    """Return the least margin among the decisions on the way to every observation: at its end, and at each edge."""
    margins = []
    for state, link in zip(path.candidate.tolist(), path.link.tolist(), strict=True):
        decisions = [math.inf]
        if state >= 0 and link == LINK_ROAD:
            decisions.append(float(candidates["margin"][state]))
            step = int(candidates["way"][state])
            while step >= 0:
                decisions.append(float(steps["margin"][step]))
                step = int(steps["before"][step])
        margins.append(max(0.0, min(decisions)))
    return margins


def naive_link_features(layers: Records, margins: NDArray[np.float64], window: int, most: float) -> NDArray[np.float64]:
    """Collect the features of the confidence of every link."""
    margins = np.minimum(margins, most)
    rows = []
    for link, layer in enumerate(layers):
        after = min([most, *margins[link + 1 : link + 1 + window].tolist()])
        before = min([most, *margins[max(0, link - window) : link].tolist()])
        scales = (layer["step_m"] / 100.0 + 0.1, max(layer["sigma_m"], 1.0), np.nan_to_num(layer["white_m"]) + 3.0)
        rows.append([1.0, *np.sqrt([margins[link], after, before]), *np.log(scales)])
    return np.array(rows)


def distance_to_parts_m(network: RoadNetwork, place: tuple[float, float], path: Path, parts: range) -> float:
    """Metres from a place to the nearest of some parts of a path."""
    latitude, longitude = place
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    least = math.inf
    for part in parts:
        edge = int(path.edge[part])
        length_m = float(network.edge_length_cm[edge]) / 100.0
        line = edge_part_line(network, edge, path.from_m[part] / length_m, min(path.to_m[part] / length_m, 1.0))
        metres = [((y - latitude) * METRES_PER_DEGREE, (x - longitude) * metres_east) for y, x in line.tolist()]
        least = min([least, *(nearest_share(one, other)[1] for one, other in pairwise(metres))])
    return least
