"""Days with rests that are due by the time on the road, lived second by second: twins of the planner's kernels."""

from __future__ import annotations

from functools import cache

from optimizer.problem import Visit, Worker
from tests.naive_planning import may_start, naive_soft_price


def naive_rested_durations(worker: Worker, visits: list[Visit], legs_s: list[int]) -> list[int]:
    """Return the shortest duration for each start of the shift from which there is a day, lived second by second."""
    rest = worker.driving_rest
    assert rest is not None

    @cache
    def earliest_end(now: int, stage: int, still_to_travel: int, driven: int) -> int | None:
        if now > worker.shift_end_s:
            return None
        outcomes = [earliest_end(now + rest.duration_s, stage, still_to_travel, 0)] if driven else []
        if still_to_travel:
            if driven < rest.max_driving_s:
                outcomes.append(earliest_end(now + 1, stage, still_to_travel - 1, driven + 1))
        elif stage == len(visits):
            return now
        else:
            outcomes.append(earliest_end(now + 1, stage, 0, driven))
            if may_start(visits[stage], now):
                over = now + visits[stage].duration_s
                outcomes.append(earliest_end(over, stage + 1, legs_s[stage + 1], driven))
        return min((end for end in outcomes if end is not None), default=None)

    starts = range(worker.shift_start_s, worker.shift_end_s + 1)
    ends = [(start, earliest_end(start, 0, legs_s[0], 0)) for start in starts]
    return [end - start for start, end in ends if end is not None]


def naive_least_price(worker: Worker, visits: list[Visit], legs_s: list[int]) -> int | None:
    """Return the least price of times and starts, in cost units times 3600, of all days lived second by second."""
    rest = worker.driving_rest
    assert rest is not None
    hourly = worker.cost_per_hour

    @cache
    def least(now: int, stage: int, still_to_travel: int, driven: int) -> int | None:
        if now > worker.shift_end_s:
            return None
        found: list[int] = []

        def go(price: int, *state: int) -> None:
            rest_of_day = least(*state)
            if rest_of_day is not None:
                found.append(price + rest_of_day)

        if driven:
            go(hourly * rest.duration_s, now + rest.duration_s, stage, still_to_travel, 0)
        if still_to_travel:
            if driven < rest.max_driving_s:
                go(hourly, now + 1, stage, still_to_travel - 1, driven + 1)
        elif stage == len(visits):
            return 0
        else:
            go(hourly, now + 1, stage, 0, driven)
            if may_start(visits[stage], now):
                service_s = visits[stage].duration_s
                price = hourly * service_s + naive_soft_price(visits[stage], now)
                go(price, now + service_s, stage + 1, legs_s[stage + 1], driven)
        return min(found, default=None)

    prices = [least(start, 0, legs_s[0], 0) for start in range(worker.shift_start_s, worker.shift_end_s + 1)]
    return min((price for price in prices if price is not None), default=None)
