"""Fits the numbers of `geo.matching.confidence` and `geo.audit.real_mileage` on simulated drives with known truth.

Command line
    python -m benchmarks.fit_mileage [--drives N]

Prints `WEIGHTS` of the confidence: logistic regression over all metres of all links. Then the factors of `Calibration`
for the interval on roads: the sum of terms, none negative, that the absolute error of a drive stays below in 95 % of
cases (quantile regression, Koenker and Bassett 1978, as a linear program). Drives come from two cities;
`benchmarks.measure_mileage` measures on others, and in two other countries. To be run anew whenever matching changes.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize

from benchmarks.drive_evidence import RecordedDrive, measured_drives
from benchmarks.matching_data import data_folder
from benchmarks.simulated_drives import DriveWorld
from geo.matching.confidence import FEATURES
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR

FloatArray = NDArray[np.float64]

CITIES = ("porto_portugal", "shanghai-centre")
SEED = 7
COVERED = 0.95
TERMS = ("end_sigmas", "stop_sigmas", "doubt_factor")


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


def interval_terms(drive: RecordedDrive, weights: FloatArray) -> tuple[float, float, float]:
    """Collect what the half-width on roads is made of, one entry per name of `TERMS`."""
    doubt = 1.0 - 1.0 / (1.0 + np.exp(-drive.features @ weights))
    step_m = 100.0 * (np.exp(drive.features[:, FEATURES.index("step")]) - 0.1)
    return drive.sigma_m, drive.sigma_m * np.sqrt(drive.stays), float(np.sqrt(doubt @ step_m**2))


def fit_interval(drives: list[RecordedDrive], weights: FloatArray) -> FloatArray:
    """Factors of the terms whose sum the absolute error seldom exceeds."""
    seen = [drive for drive in drives if drive.mileage.gap_m + drive.mileage.off_road_m == 0.0]
    terms = np.array([interval_terms(drive, weights) for drive in seen])
    error_m = np.abs([drive.error_m for drive in seen])
    count, width = terms.shape
    cost = np.concatenate([np.zeros(width), np.full(count, COVERED), np.full(count, 1.0 - COVERED)])
    balance = np.hstack([terms, np.eye(count), -np.eye(count)])
    return np.asarray(linprog(cost, A_eq=balance, b_eq=error_m, bounds=(0.0, None)).x[:width])


def main() -> None:
    """Make drives, fit, and print."""
    parser = argparse.ArgumentParser(description="Fit the numbers of confidence and interval.")
    parser.add_argument("--drives", type=int, default=26, help="drives in each city")
    arguments = parser.parse_args()
    drives = []
    for city in CITIES:
        world = DriveWorld(import_osm_file(data_folder() / "extracts" / f"{city}.osm.pbf", CAR).network, seed=SEED)
        for drive in measured_drives(world, arguments.drives, seed=SEED):
            print(f"\r{city}: drive {drive.number + 1} of {arguments.drives}", end="", flush=True)
            drives.append(drive)
        print()
    weights = fit_confidence(drives)
    print("WEIGHTS", dict(zip(FEATURES, np.round(weights, 3).tolist(), strict=True)))
    print("Calibration", dict(zip(TERMS, np.round(fit_interval(drives, weights), 3).tolist(), strict=True)))


if __name__ == "__main__":
    main()
