"""Decides how far rules of a request can give way that the optimizer's problem holds narrower than they were asked for.

Pins, events and `not_before_time` reach the optimizer as windows and as later shifts. What they have cut does not get
wider by a wider window or an earlier shift of the request, so no such change is ever said to let a visit in.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.answers.relaxed_rules import Leeway, Relaxed
from server.use_cases.planning_request import VisitRequest
from server.use_cases.prepare_problem import PreparedProblem


def leeway_of_request(prepared: PreparedProblem) -> Leeway:
    """Say how far windows and shifts can give way by what is asked for.

    Parameters
    ----------
    prepared
        The request and its problem.

    Returns
    -------
    Leeway
        For `optimizer.answers.refusal.explain_refusals`.
    """
    leeway: dict[tuple[Relaxed, int], int] = {}
    for index, (shift, worker) in enumerate(zip(prepared.shifts, prepared.problem.workers, strict=True)):
        if worker.shift_start_s != shift.worker.shift.start_s - prepared.origin_s:
            leeway[Relaxed.SHIFT_EARLIER, index] = 0
    for index, visit in enumerate(prepared.request.visits):
        leeway.update(((rule, index), most_s) for rule, most_s in _of_windows(prepared, index, visit))
    return leeway


def _of_windows(prepared: PreparedProblem, index: int, visit: VisitRequest) -> Iterator[tuple[Relaxed, int]]:
    """Yield by how much the windows of a visit can give way, where that is not as much as anyone likes."""
    pin, first_s = visit.pin, prepared.request.not_before_s
    if pin is not None and pin.event is not None:
        yield from ((Relaxed.WINDOW_EARLIER, 0), (Relaxed.WINDOW_LATER, 0))
    elif pin is not None and pin.start_s is not None:
        # A pin moves inside the window that it lies in.
        around = [one for one in visit.time_windows if one.start_s <= pin.start_s <= one.end_s]
        if around:
            yield Relaxed.WINDOW_EARLIER, max(pin.start_s - one.start_s for one in around)
            yield Relaxed.WINDOW_LATER, max(one.end_s - pin.start_s for one in around)
    elif first_s is not None and any(one.end_s >= first_s for one in visit.time_windows):
        opens_s = prepared.problem.visits[index].time_windows[0].start_s + prepared.origin_s
        yield Relaxed.WINDOW_EARLIER, opens_s - first_s
    elif first_s is not None:
        # There are none, or all of them are over.
        yield from ((Relaxed.WINDOW_EARLIER, 0), (Relaxed.WINDOW_LATER, 0))
