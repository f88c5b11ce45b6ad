"""The best path read out of a trellis the obvious way: what happens at each observation, then the drive through it."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.matching.records import Records

OFF_ROAD = -1
SAME_EDGE, TURNED_BACK, BROKEN = -1, -2, -3
NO_LINK, ROAD, STRAIGHT = 0, 1, 2


@dataclass
class NaivePath:
    """The columns of `Path`, the parts as ``[edge, from_m, to_m]``."""

    parts: list[list[float]] = field(default_factory=list)
    link: list[int] = field(default_factory=list)
    arrive: list[int] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    along_m: list[float | None] = field(default_factory=list)
    candidate: list[int] = field(default_factory=list)


def naive_states(layers: Records, candidates: Records) -> list[tuple[int, int]]:
    """List the candidates on which each observation arrives and from which it goes on, run by run from the end."""
    ends = [number for number in range(len(layers)) if number + 1 == len(layers) or layers["starts_run"][number + 1]]
    states: list[tuple[int, int]] = []
    for end in ends:
        states += history(layers, candidates, end, best_end(layers, candidates, end))
    return states


def best_end(layers: Records, candidates: Records, number: int) -> int:
    """Return the cheapest state of an observation."""
    layer = layers[number]
    here = {OFF_ROAD: float(layer["off_road_nats"])}
    here |= {
        place: float(candidates["nats"][place]) for place in range(layer["candidate_first"], layer["candidate_stop"])
    }
    return min(here, key=here.__getitem__)


def history(layers: Records, candidates: Records, number: int, leaving: int) -> list[tuple[int, int]]:
    """List the states that lead to a state, from the start of its run."""
    has_turned = leaving != OFF_ROAD and candidates["way"][leaving] == TURNED_BACK
    arriving = int(candidates["before"][leaving]) if has_turned else leaving
    earlier = []
    if not layers["starts_run"][number]:
        before = layers["off_road_before"][number] if arriving == OFF_ROAD else candidates["before"][arriving]
        earlier = history(layers, candidates, number - 1, int(before) if before >= 0 else OFF_ROAD)
    return [*earlier, (arriving, leaving)]


def naive_path(edges: Records, layers: Records, candidates: Records, steps: Records) -> NaivePath:
    """Drive through the best states of every observation."""
    path = NaivePath()
    left = OFF_ROAD
    for number, (arriving, leaving) in enumerate(naive_states(layers, candidates)):
        way = int(candidates["way"][arriving]) if arriving != OFF_ROAD else BROKEN
        link = STRAIGHT if way == BROKEN or left == OFF_ROAD else ROAD
        path.link.append(NO_LINK if layers["starts_run"][number] else link)
        path.candidate.append(arriving)
        left = leaving
        if arriving == OFF_ROAD:
            path.arrive.append(-1)
            path.leave.append(-1)
            path.along_m.append(None)
            continue
        along_m = float(candidates["along_m"][arriving])
        if path.link[-1] != ROAD:
            path.parts.append([int(candidates["edge"][arriving]), along_m, along_m])
        else:
            drive(path.parts, edges_of_way(steps, way), along_m, edges)
        path.arrive.append(len(path.parts) - 1)
        path.along_m.append(path.parts[-1][2])
        if leaving != arriving:
            edge = int(candidates["edge"][leaving])
            mirrored_m = max(float(edges["length_m"][edge]) - path.parts[-1][2], 0.0)
            path.parts.append([edge, mirrored_m, max(mirrored_m, float(candidates["along_m"][leaving]))])
        path.leave.append(len(path.parts) - 1)
    return path


def edges_of_way(steps: Records, way: int) -> list[int]:
    """List the edges of a way in order of travel; none where it goes on along the same edge."""
    if way < 0:
        return []
    return [*edges_of_way(steps, int(steps["before"][way])), int(steps["edge"][way])]


def drive(parts: list[list[float]], edges_on: list[int], along_m: float, edges: Records) -> None:
    """Go on over edges to the end of each but the last, on which up to a place, never backwards."""
    for edge in edges_on:
        parts[-1][2] = float(edges["length_m"][int(parts[-1][0])])
        parts.append([edge, 0.0, 0.0])
    parts[-1][2] = max(parts[-1][2], along_m)
