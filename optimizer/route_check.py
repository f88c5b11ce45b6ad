"""Decides whether one route of a plan keeps every rule, by recomputing its times, sums and cost.

Nothing here is shared with a solver or a scheduler: a mistake there must show here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from optimizer.plan import PlannedBreak, PlannedReload, Route
from optimizer.plan_violation import PlanRule, PlanViolation
from optimizer.problem import Problem, TravelMatrix, Visit, Worker


class RouteCheck:
    """Checks one route.

    Parameters
    ----------
    problem, route
        The problem, and the route of one of its workers.
    path
        Where the route stands in the plan.
    """

    def __init__(self, problem: Problem, route: Route, path: str) -> None:
        self._problem = problem
        self._route = route
        self._path = path
        self._worker: Worker = problem.workers[route.worker]
        self._matrix: TravelMatrix = problem.matrices[self._worker.matrix]

    def violations(self) -> Iterator[PlanViolation]:
        """Yield every broken rule of the route."""
        if not self._route.stops:
            yield from self._unused_violations()
            return
        impossible = tuple(self._reload_violations())
        if impossible:
            yield from impossible
            return
        yield from self._leg_violations()
        yield from self._stop_violations()
        yield from self._break_violations()
        yield from self._rest_violations()
        yield from self._limit_violations()

    def _broken(self, field: str, rule: PlanRule, description: str, visit: int | None = None) -> PlanViolation:
        return PlanViolation(f"{self._path}.{field}", rule, description, self._route.worker, visit)

    def _unused_violations(self) -> Iterator[PlanViolation]:
        route = self._route
        is_clean = not (route.breaks or route.reloads or route.last_travel_s or route.last_distance_m)
        if route.start_s != route.end_s or not is_clean:
            yield self._broken("stops", PlanRule.SHAPE, "a route without stops has no times, breaks or legs")
        if route.cost != 0:
            yield self._broken("cost", PlanRule.COST, f"a route without stops costs nothing (got {route.cost})")

    def _reload_violations(self) -> Iterator[PlanViolation]:
        """Check that the worker may reload at all, so often, and between visits."""
        reloads, asked = self._route.reloads, self._worker.reload
        places = [one.before_stop for one in reloads]
        if reloads and asked is None:
            yield self._broken("reloads", PlanRule.RELOAD, "the worker does not reload")
        elif asked is not None and asked.max_reloads is not None and len(reloads) > asked.max_reloads:
            yield self._broken("reloads", PlanRule.RELOAD, f"at most {asked.max_reloads} (got {len(reloads)})")
        if places != sorted(set(places)) or any(not 0 < place < len(self._route.stops) for place in places):
            yield self._broken("reloads", PlanRule.RELOAD, "each must lie between two visits, one at a time, in order")

    def _leg_violations(self) -> Iterator[PlanViolation]:
        """Follow the worker from place to place."""
        route = self._route
        reload_before = {one.before_stop: (index, one) for index, one in enumerate(route.reloads)}
        here, leave_s = self._worker.start_location, route.start_s
        for number, stop in enumerate(route.stops):
            there = self._problem.visits[stop.visit].location
            field = f"stops[{number}]"
            travel_s, distance_m = stop.travel_s, stop.distance_m
            if number in reload_before and self._worker.reload is not None:
                index, reload = reload_before[number]
                yield from self._stay_violations(f"reloads[{index}]", here, leave_s, reload)
                here, leave_s = self._worker.reload.location, reload.departure_s
                travel_s, distance_m = travel_s - reload.travel_s, distance_m - reload.distance_m
            yield from self._way_violations(field, (here, there), (travel_s, distance_m), stop.visit)
            yield from self._arrival_violations(f"{field}.arrival_s", leave_s, travel_s, stop.arrival_s)
            here, leave_s = there, stop.departure_s
        way = (here, self._worker.end_location)
        yield from self._way_violations("last", way, (route.last_travel_s, route.last_distance_m), None)
        yield from self._arrival_violations("end_s", leave_s, route.last_travel_s, route.end_s)

    def _stay_violations(
        self, field: str, here: int | None, leave_s: int, reload: PlannedReload
    ) -> Iterator[PlanViolation]:
        """Follow the worker to the depot and through the loading, with breaks on top; there anyone may wait."""
        asked = self._worker.reload
        assert asked is not None  # noqa: S101 - looked at before
        way = (here, asked.location)
        yield from self._way_violations(field, way, (reload.travel_s, reload.distance_m), None)
        yield from self._arrival_violations(f"{field}.arrival_s", leave_s, reload.travel_s, reload.arrival_s)
        paused_s = self._paused_s(reload.arrival_s, reload.departure_s)
        if reload.departure_s < reload.arrival_s + asked.duration_s + paused_s:
            description = (
                f"a reload takes {asked.duration_s} s at least, and breaks of {paused_s} s lie in it "
                f"(got {reload.departure_s - reload.arrival_s})"
            )
            yield self._broken(f"{field}.departure_s", PlanRule.RELOAD, description)

    def _paused_s(self, from_s: int, until_s: int) -> int:
        """Add up what lies between two moments of the breaks."""
        if not self._route.breaks:
            return 0
        return sum(max(0, min(pause.end_s, until_s) - max(pause.start_s, from_s)) for pause in self._route.breaks)

    def _way_violations(
        self, field: str, way: tuple[int | None, int | None], stated: tuple[int, int], visit: int | None
    ) -> Iterator[PlanViolation]:
        here, there = way
        if here is None or there is None:
            true = (0, 0)
        elif not self._matrix.reachable[here, there]:
            yield self._broken(field, PlanRule.REACHABLE, f"there is no way from {here} to {there}", visit)
            return
        else:
            plain_s = int(self._matrix.duration_s[here, there])
            true = (
                _share_of(plain_s, self._worker.travel_percent),
                int(self._matrix.distance_m[here, there]),
            )
        if stated != true:
            description = f"the leg takes {true[0]} s and {true[1]} m (got {stated[0]} s and {stated[1]} m)"
            yield self._broken(field, PlanRule.TRAVEL, description, visit)

    def _arrival_violations(self, field: str, leave_s: int, travel_s: int, arrival_s: int) -> Iterator[PlanViolation]:
        paused_s = self._paused_s(leave_s, arrival_s)
        if arrival_s != leave_s + travel_s + paused_s:
            yield self._broken(
                field,
                PlanRule.TRAVEL,
                f"leaving at {leave_s}, travelling {travel_s} s and pausing {paused_s} s on the way gives "
                f"{leave_s + travel_s + paused_s} (got {arrival_s})",
            )

    def _stop_violations(self) -> Iterator[PlanViolation]:
        before: int | None = None
        reloaded = {one.before_stop for one in self._route.reloads}
        for number, stop in enumerate(self._route.stops):
            visit = self._problem.visits[stop.visit]
            field = f"stops[{number}]"
            yield from self._person_violations(f"{field}.visit", stop.visit)
            paused_s = self._paused_s(stop.arrival_s, stop.start_s)
            if number in reloaded and self._worker.reload is not None:
                before = self._worker.reload.location
            setup_s = 0 if visit.location == before else visit.setup_s
            if stop.start_s < stop.arrival_s + setup_s + paused_s:
                description = f"starts before the arrival, {setup_s} s of setup and {paused_s} s of breaks"
                yield self._broken(f"{field}.start_s", PlanRule.SERVICE, description, stop.visit)
            service_s = self._service_s(visit)
            if stop.departure_s != stop.start_s + service_s:
                description = f"the service takes {service_s} s (got {stop.departure_s - stop.start_s})"
                yield self._broken(f"{field}.departure_s", PlanRule.SERVICE, description, stop.visit)
            before = visit.location
            windows = visit.time_windows
            if windows and not any(window.start_s <= stop.start_s <= window.end_s for window in windows):
                description = f"{stop.start_s} lies in none of its time windows"
                yield self._broken(f"{field}.start_s", PlanRule.TIME_WINDOW, description, stop.visit)

    def _person_violations(self, field: str, number: int) -> Iterator[PlanViolation]:
        """Check that the worker may serve a visit at all."""
        visit, worker = self._problem.visits[number], self._worker
        missing = visit.required_skills - worker.skills
        if missing:
            description = f"the worker lacks {', '.join(sorted(missing))}"
            yield self._broken(field, PlanRule.SKILLS, description, number)
        if visit.allowed_workers is not None and self._route.worker not in visit.allowed_workers:
            yield self._broken(field, PlanRule.ALLOWED_WORKER, "the worker is not one who may serve it", number)
        if visit.zone is not None and worker.zones and visit.zone not in worker.zones:
            yield self._broken(field, PlanRule.ZONE, f"the worker does not serve {visit.zone}", number)

    def _service_s(self, visit: Visit) -> int:
        """How long a visit takes this worker."""
        plain_s = visit.duration_s
        quicker = [one.duration_s for one in visit.skill_durations if one.skill in self._worker.skills]
        if quicker:
            plain_s = min(quicker)
        return _share_of(plain_s, self._worker.service_percent)

    def _break_violations(self) -> Iterator[PlanViolation]:
        taken = Counter(pause.number for pause in self._route.breaks)
        for number, wanted in enumerate(self._worker.breaks):
            before = self._route.start_s >= wanted.earliest_start_s + wanted.duration_s
            after = self._route.end_s <= wanted.latest_start_s
            if taken[number] > 1 or (taken[number] == 0 and not (before or after)):
                description = f"break {number} must be taken once (found {taken[number]} times)"
                yield self._broken("breaks", PlanRule.BREAK, description)
        busy = [(stop.start_s, stop.departure_s) for stop in self._route.stops]
        end_of_previous = self._route.start_s
        for position, pause in enumerate(self._route.breaks):
            yield from self._one_break_violations(f"breaks[{position}]", pause, busy)
            if pause.start_s < end_of_previous:
                yield self._broken(f"breaks[{position}]", PlanRule.BREAK, "starts before the one before it is over")
            end_of_previous = pause.end_s
        if end_of_previous > self._route.end_s:
            yield self._broken("breaks", PlanRule.BREAK, "the last one ends after the route")

    def _one_break_violations(
        self, field: str, pause: PlannedBreak, busy: list[tuple[int, int]]
    ) -> Iterator[PlanViolation]:
        if any(pause.start_s < until_s and from_s < pause.end_s for from_s, until_s in busy):
            yield self._broken(field, PlanRule.BREAK, "overlaps a visit")
        if pause.number is None:
            rest = self._worker.driving_rest
            if rest is None or pause.end_s - pause.start_s != rest.duration_s:
                yield self._broken(field, PlanRule.DRIVING_REST, "is no rest of this worker")
            return
        wanted = self._worker.breaks[pause.number]
        if not wanted.earliest_start_s <= pause.start_s <= wanted.latest_start_s:
            description = (
                f"must start within {wanted.earliest_start_s} and {wanted.latest_start_s} (got {pause.start_s})"
            )
            yield self._broken(f"{field}.start_s", PlanRule.BREAK, description)
        if pause.end_s - pause.start_s != wanted.duration_s:
            description = f"takes {wanted.duration_s} s (got {pause.end_s - pause.start_s})"
            yield self._broken(f"{field}.end_s", PlanRule.BREAK, description)

    def _rest_violations(self) -> Iterator[PlanViolation]:
        """Count the time on the road from rest to rest."""
        rest, route = self._worker.driving_rest, self._route
        if rest is None:
            return
        driven_s = 0
        for number, leave_s, travel_s, next_leave_s in self._drives():
            on_leg_s = 0
            for pause in route.breaks:
                if leave_s <= pause.start_s <= next_leave_s and pause.end_s - pause.start_s >= rest.duration_s:
                    paused_s = sum(
                        one.end_s - one.start_s for one in route.breaks if leave_s <= one.start_s < pause.start_s
                    )
                    before_s = min(travel_s, pause.start_s - leave_s - paused_s)
                    yield from self._too_long(number, driven_s + before_s - on_leg_s, rest.max_driving_s)
                    driven_s, on_leg_s = 0, before_s
            driven_s += travel_s - on_leg_s
            yield from self._too_long(number, driven_s, rest.max_driving_s)

    def _drives(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield each leg, by way of the depot in two: where it leads, when it is left, the travel, the next leaving."""
        route = self._route
        to_depot = {one.before_stop: one for one in route.reloads}
        leave_s = route.start_s
        for number, stop in enumerate(route.stops):
            travel_s = stop.travel_s
            if number in to_depot:
                reload = to_depot[number]
                yield number, leave_s, reload.travel_s, reload.departure_s
                leave_s, travel_s = reload.departure_s, travel_s - reload.travel_s
            yield number, leave_s, travel_s, stop.departure_s
            leave_s = stop.departure_s
        yield len(route.stops), leave_s, route.last_travel_s, route.end_s

    def _too_long(self, leg: int, driven_s: int, limit_s: int) -> Iterator[PlanViolation]:
        if driven_s > limit_s:
            field = f"stops[{leg}].arrival_s" if leg < len(self._route.stops) else "end_s"
            description = f"at most {limit_s} s on the road without a rest (got {driven_s})"
            yield self._broken(field, PlanRule.DRIVING_REST, description)

    def _limit_violations(self) -> Iterator[PlanViolation]:
        route, worker = self._route, self._worker
        if route.start_s < worker.shift_start_s or route.end_s > worker.shift_end_s:
            description = f"must lie within {worker.shift_start_s} and {worker.shift_end_s}"
            yield self._broken("start_s", PlanRule.SHIFT, description)
        distance_m = route.last_distance_m + sum(stop.distance_m for stop in route.stops)
        load = self._largest_load()
        travel_s = route.last_travel_s + sum(stop.travel_s for stop in route.stops)
        duration_s = route.end_s - route.start_s
        for field, rule, value, limit in (
            ("stops", PlanRule.MAX_VISITS, len(route.stops), worker.max_visits),
            ("stops", PlanRule.CAPACITY, load, worker.capacity),
            ("stops", PlanRule.MAX_DISTANCE, distance_m, worker.max_distance_m),
            ("stops", PlanRule.MAX_TRAVEL, travel_s, worker.max_travel_s),
            ("end_s", PlanRule.MAX_DURATION, duration_s, worker.max_duration_s),
        ):
            if limit is not None and value > limit:
                yield self._broken(field, rule, f"at most {limit} (got {value})")
        cost = self._cost(distance_m, travel_s)
        if route.cost != cost:
            yield self._broken("cost", PlanRule.COST, f"must be {cost} (got {route.cost})")

    def _largest_load(self) -> int:
        """Add up what is on board from stop to stop, in the trip where that is most."""
        begins = [0, *(one.before_stop for one in self._route.reloads), len(self._route.stops)]
        boarded = {one.pickup: one.load for one in self._problem.deliveries}
        boarded |= {one.delivery: -one.load for one in self._problem.deliveries}
        on_the_way, largest = 0, 0
        for begin, end in pairwise(begins):
            trip = self._route.stops[begin:end]
            own = sum(self._problem.visits[stop.visit].load for stop in trip)
            largest = max(largest, own + on_the_way)
            for stop in trip if boarded else ():
                on_the_way += boarded.get(stop.visit, 0)
                largest = max(largest, own + on_the_way)
        return largest

    def _price_of_area(self, visit: Visit) -> int:
        """Price how far a visit lies from the middle of the worker's area."""
        center, worker = self._worker.area_center, self._worker
        if center is None or not self._matrix.reachable[center, visit.location]:
            return 0
        kilometres = Fraction(int(self._matrix.distance_m[center, visit.location]), 1000)
        return math.floor(kilometres * worker.cost_per_km_from_center + Fraction(1, 2))

    def _cost(self, distance_m: int, travel_s: int) -> int:
        """Price the route, written differently from the solver's way on purpose."""
        route, worker, soft = self._route, self._worker, self._worker.soft_limits
        duration_s = route.end_s - route.start_s
        cost = worker.fixed_cost
        if worker.reload is not None:
            cost += worker.reload.cost * len(route.reloads)
        for price, amount, unit in (
            (worker.cost_per_hour, duration_s, 3600),
            (worker.cost_per_km, distance_m, 1000),
            (soft.cost_per_extra_visit, _beyond(len(route.stops), soft.max_visits), 1),
            (soft.cost_per_extra_km, _beyond(distance_m, soft.max_distance_m), 1000),
            (soft.cost_per_extra_hour, _beyond(duration_s, soft.max_duration_s), 3600),
            (soft.cost_per_extra_travel_hour, _beyond(travel_s, soft.max_travel_s), 3600),
            (worker.overtime_cost_per_hour, _beyond(route.end_s, worker.regular_end_s), 3600),
        ):
            if price and amount:
                cost += math.floor(Fraction(price * amount, unit) + Fraction(1, 2))
        for stop in route.stops:
            visit = self._problem.visits[stop.visit]
            if visit.preferred_workers and route.worker not in visit.preferred_workers:
                cost += visit.not_preferred_cost
            cost += _price_of_start(visit, stop.start_s)
            cost += self._price_of_area(visit)
        return cost


def _price_of_start(visit: Visit, start_s: int) -> int:
    """Price what a service starts too early or too late for the customer, by the most lenient of the soft windows."""
    if not visit.soft_windows:
        return 0
    hours = [
        (
            Fraction(max(0, window.start_s - start_s), 3600) * visit.cost_per_hour_early,
            Fraction(max(0, start_s - window.end_s), 3600) * visit.cost_per_hour_late,
        )
        for window in visit.soft_windows
    ]
    return math.floor(min(early + late for early, late in hours) + Fraction(1, 2))


def _share_of(plain_s: int, percent: int) -> int:
    return plain_s if percent == 100 else math.ceil(Fraction(plain_s * percent, 100))  # noqa: PLR2004 - the whole


def _beyond(amount: int, limit: int | None) -> int:
    return 0 if limit is None else max(0, amount - limit)
