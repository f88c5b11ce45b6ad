"""Makes days of couriers: what is picked up at one place is brought to another, in time and with room on board."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.instances.field_days import make_travel, make_worker
from optimizer.problem import Delivery, Problem, TimeWindow, Visit

UNSERVED_COST = 100_000
"""Of each half of a delivery: more than any detour for it."""
_HOUR_S = 3600
_FIRST_S = 8 * _HOUR_S
_SHIFT = (_FIRST_S, 16 * _HOUR_S)
_SERVICE_S = 180


def make_courier_day(workers: int, deliveries: int, seed: int) -> Problem:
    """Make a day on which everything can be delivered; a second of travel costs 1.

    Parameters
    ----------
    workers, deliveries
        How many. Customers and homes lie around eight quarters of a city. Each pickup has two hours, its delivery
        ends an hour and a half later; loads are 1 to 3, and there is room for 6.
    seed
        Makes it repeatable.
    """
    random = np.random.default_rng([seed, workers, deliveries])
    count = workers + 2 * deliveries
    quarters = random.normal((50.08, 14.43), (0.05, 0.08), (8, 2))
    places = quarters[random.choice(len(quarters), count)] + random.normal(0, (0.015, 0.02), (count, 2))
    crew = tuple(replace(make_worker(f"courier{k}", k, k, _SHIFT, []), capacity=6) for k in range(workers))
    visits: list[Visit] = []
    for number in range(deliveries):
        first_s = _FIRST_S + _HOUR_S * int(random.integers(0, 6))
        for half, closes_s in enumerate((first_s + 2 * _HOUR_S, first_s + 3 * _HOUR_S + _HOUR_S // 2)):
            name, place = ("pickup", "delivery")[half], workers + 2 * number + half
            window = TimeWindow(first_s, closes_s)
            visits.append(Visit(f"{name}{number}", place, _SERVICE_S, (window,), unserved_cost=UNSERVED_COST))
    pairs = tuple(Delivery(2 * k, 2 * k + 1, int(random.integers(1, 4))) for k in range(deliveries))
    return Problem(crew, tuple(visits), (make_travel(places),), deliveries=pairs)
