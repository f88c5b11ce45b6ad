"""Fits the numbers of `geo.matching.confidence` and `geo.audit.real_mileage` on simulated drives with known truth.

Command line
    python -m benchmarks.fit_mileage [--drives N]

Prints `WEIGHTS` of the confidence: logistic regression over all metres of all links. Then the factors of `Calibration`
for the interval on roads: upwards and downwards, the sum of terms that the shortfall, or the excess, exceeds in
`TAIL` of cases (quantile regression, Koenker and Bassett 1978, as a linear program). Errors and terms are divided by
the width itself, found in a few rounds, so that short drives and dense sampling count as much as long ways seen once a
minute. That of the ends is given, and no factor falls below what `LEAST` and `LEAST_UPWARDS` say. Drives come from
three cities; `benchmarks.measure_mileage` measures on others, and in a country of which none are here. To be run anew
whenever matching changes.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize

from benchmarks.drive_evidence import RecordedDrive, measured_drives
from benchmarks.matching_data import data_folder
from benchmarks.simulated_drives import DriveWorld
from geo.audit.mileage_interval import Calibration, RoadTerms, road_terms
from geo.matching.confidence import FEATURES
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR

FloatArray = NDArray[np.float64]

CITIES = ("porto_portugal", "shanghai-centre", "monaco-osrm")
SEEDS = (7, 303)
TAIL = 0.0235
"""A little less than half of 5 %: drives with gaps or parts off the roads hold less often, and are not fitted on."""
ROUNDS = 4
LEAST_WIDTH_M = 1.0
UPWARDS = ("end_m", "stop_m", "root_stops", "sparse", "doubt_m")
DOWNWARDS = ("end_m", "root_stops", "unseen_walks", "link_m", "white_m", "doubt_m")
GIVEN = {"end_m": Calibration.end_sigmas}
LEAST = {"doubt_m": 0.1}
LEAST_UPWARDS = {"doubt_m": Calibration.doubt_short}
"""Where the way ends is known from statistics; what the match doubts counts as drives without stops show, of which few
are fitted on (`benchmarks.measure_mileage` measures those over Porto)."""


def fit_confidence(drives: list[RecordedDrive]) -> FloatArray:
    """Weights of the features under which the shares of driven metres are likeliest."""
    features = np.vstack([drive.features for drive in drives])
    right = np.concatenate([drive.link_right for drive in drives])
    weight = np.concatenate([drive.link_m for drive in drives])
    weight /= weight.sum()
    centre, spread = features[:, 1:].mean(axis=0), features[:, 1:].std(axis=0)
    scaled = np.column_stack([features[:, 0], (features[:, 1:] - centre) / spread])

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        log_odds = scaled @ weights
        nats = np.logaddexp(0.0, -log_odds) * right + np.logaddexp(0.0, log_odds) * (1.0 - right)
        gradient = scaled.T @ (weight * (1.0 / (1.0 + np.exp(-log_odds)) - right))
        decay = 1e-4 * np.concatenate([[0.0], weights[1:]])
        return float(weight @ nats + 0.5 * decay @ weights), gradient + decay

    fitted = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="BFGS").x
    slopes = fitted[1:] / spread
    return np.concatenate([[fitted[0] - slopes @ centre], slopes])


def fit_interval(drives: list[RecordedDrive], weights: FloatArray) -> dict[str, float]:
    """Factors of the terms whose sum the error upwards, and downwards, seldom exceeds."""
    seen = [drive for drive in drives if drive.mileage.gap_m + drive.mileage.off_road_m == 0.0]
    rows = [vars(_terms(drive, weights)) for drive in seen]
    short_m = np.array([-drive.error_m for drive in seen])
    fitted: dict[str, float] = {}
    for way, names, error_m, least in (
        ("up", UPWARDS, short_m, LEAST_UPWARDS),
        ("down", DOWNWARDS, -short_m, LEAST),
    ):
        terms = np.array([[row[name] for name in names] for row in rows])
        bounds = [(GIVEN.get(name, least.get(name, 0.0)), GIVEN.get(name)) for name in names]
        factors = _quantile_factors(terms, error_m, bounds)
        fitted |= {f"{name} {way}": round(float(factor), 3) for name, factor in zip(names, factors, strict=True)}
    return fitted


def _terms(drive: RecordedDrive, weights: FloatArray) -> RoadTerms:
    """Collect what the widths are proportional to, with the doubt that the fitted weights give."""
    doubt = 1.0 - 1.0 / (1.0 + np.exp(-drive.features @ weights))
    step_m = 100.0 * (np.exp(drive.features[:, FEATURES.index("step")]) - 0.1)
    terms = road_terms(drive.stays, drive.matched, drive.recording)
    return replace(terms, doubt_m=float(np.sqrt(doubt @ step_m**2)))


def _quantile_factors(terms: FloatArray, error_m: FloatArray, allowed: list[tuple[float, float | None]]) -> FloatArray:
    """Factors, each between its least and its most, of the sum that errors exceed in `TAIL` of cases."""
    count, width = terms.shape
    cost = np.concatenate([np.zeros(width), np.full(count, 1.0 - TAIL), np.full(count, TAIL)])
    bounds = [*allowed, *[(0.0, None)] * (2 * count)]
    factors, scale_m = np.zeros(width), np.ones(count)
    for _ in range(ROUNDS):
        balance = np.hstack([terms / scale_m[:, None], np.eye(count), -np.eye(count)])
        factors = np.asarray(linprog(cost, A_eq=balance, b_eq=error_m / scale_m, bounds=bounds).x[:width])
        scale_m = np.maximum(terms @ factors, LEAST_WIDTH_M)
    return factors


def main() -> None:
    """Make drives, fit, and print."""
    parser = argparse.ArgumentParser(description="Fit the numbers of confidence and interval.")
    parser.add_argument("--drives", type=int, default=32, help="drives in each city by each seed")
    arguments = parser.parse_args()
    drives = []
    for city, seed in product(CITIES, SEEDS):
        world = DriveWorld(import_osm_file(data_folder() / "extracts" / f"{city}.osm.pbf", CAR).network, seed=seed)
        for drive in measured_drives(world, arguments.drives, seed=seed):
            print(f"\r{city}: drive {drive.number + 1} of {arguments.drives}", end="", flush=True)
            drives.append(drive)
        print()
    weights = fit_confidence(drives)
    print("WEIGHTS", dict(zip(FEATURES, np.round(weights, 3).tolist(), strict=True)))
    print("Calibration", fit_interval(drives, weights))


if __name__ == "__main__":
    main()
