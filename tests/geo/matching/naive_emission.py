"""What observations cost from their candidates, judged the obvious way: one list of candidates per observation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.matching.emission_kernels import EmissionModel
from geo.matching.records import Record, Records


@dataclass(frozen=True)
class NaiveJudgement:
    """What is made of one observation: its error, its weight, and the candidates that remain with their costs."""

    sigma_m: float
    evidence: float
    remaining: dict[int, float]


def naive_nats(deviation: float) -> float:
    """Cost of a deviation in standard deviations: a parabola up to three, its tangent there beyond."""
    return deviation**2 / 2.0 if deviation <= 3.0 else 4.5 + 3.0 * (deviation - 3.0)


def naive_judgements(
    edges: Records, layers: Records, candidates: Records, model: EmissionModel
) -> list[NaiveJudgement]:
    """Judge the candidates of every observation."""
    drift_m2 = slow_variance_m2(layers, candidates, model)
    judgements = []
    for layer in layers:
        white_m2 = float(layer["white_m"]) ** 2
        device_m2 = float(layer["device_m"]) ** 2
        slow_m2 = drift_m2 if math.isnan(device_m2) else max(model.floor_m**2, device_m2 - white_m2)
        sigma_m = math.hypot(math.sqrt(slow_m2), math.sqrt(white_m2))
        step_m = float(layer["step_m"])
        repeats = 1.0 if layer["starts_run"] else max(1.0, model.correlation_m / max(step_m, 1.0))
        evidence = sigma_m**2 / (repeats * slow_m2 + white_m2)
        nats = {
            place: candidate_nats(edges, layer, candidates[place], sigma_m, model)
            for place in range(layer["candidate_first"], layer["candidate_stop"])
        }
        dearest = min(nats.values(), default=0.0) + model.prune_nats
        remaining = {place: cost * evidence for place, cost in nats.items() if cost <= dearest}
        judgements.append(NaiveJudgement(sigma_m, evidence, remaining))
    return judgements


def slow_variance_m2(layers: Records, candidates: Records, model: EmissionModel) -> float:
    """Variance of the slow error: mean of the guess, so many times, and of what the nearest roads say without noise."""
    said_m2 = []
    for layer in layers:
        distances_m = candidates["distance_m"][layer["candidate_first"] : layer["candidate_stop"]].tolist()
        if distances_m and min(distances_m) < 3.0 * model.ceiling_m:
            said_m2.append((min(distances_m) * model.per_nearest) ** 2 - float(layer["white_m"]) ** 2)
    mean_m2 = (model.guess_weight * model.guess_m**2 + sum(said_m2)) / (model.guess_weight + len(said_m2))
    return max(model.floor_m**2, min(model.ceiling_m**2, mean_m2))


def candidate_nats(edges: Records, layer: Record, candidate: Record, sigma_m: float, model: EmissionModel) -> float:
    """Cost of one candidate: its distance, its heading against both movements, and whether it is forbidden."""
    agreements = [
        float(candidate["east"]) * float(layer[f"{side}_east"])
        + float(candidate["north"]) * float(layer[f"{side}_north"])
        for side in ("before", "after")
    ]
    against = (1.0 - max(agreements)) / 2.0 * float(layer["heading_weight"])
    forbidden = model.forbidden_nats if edges["is_forbidden"][candidate["edge"]] else 0.0
    return naive_nats(float(candidate["distance_m"]) / sigma_m) + model.heading_nats * against + forbidden
