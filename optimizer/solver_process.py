"""Decides how a child process solves one problem after another, and what it says to its parent over a pipe.

OR-Tools holds Python's interpreter lock for the whole search, so each search runs in a process of its own. The parent
starts it with ``multiprocessing.get_context("spawn").Process(target=serve, args=(pipe,))`` and speaks this protocol::

    parent                          child
                                    Ready()                       once, everything imported and compiled
    Solve(job, problem, options)
                                    Improved(job, improvement)    any number
    Stop(job)                                                     at any moment, also too late
                                    Done(job, plan) | Failed(job, error)

One job runs at a time: the next `Solve` is sent after `Done` or `Failed`. `Stop` makes the search end with the best
plan so far, which still arrives as `Done`; a `Stop` for a job that is over is ignored. The child ends when the parent
closes the pipe.
"""

from __future__ import annotations

import gc
import logging
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection

from optimizer.errors import OptimizerError, SolverFailedError
from optimizer.options import SolveOptions
from optimizer.plan import Plan
from optimizer.problem import Problem
from optimizer.progress import Improvement
from optimizer.solve import solve
from optimizer.warm_up import warm_up

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ready:
    """The child has imported and compiled everything and waits for a job."""


@dataclass(frozen=True, eq=False)
class Solve:
    """Solve a problem. `job` is a number of the parent's choice, different for each job of one child."""

    job: int
    problem: Problem
    options: SolveOptions


@dataclass(frozen=True)
class Stop:
    """End the search of a job with the best plan so far."""

    job: int


@dataclass(frozen=True)
class Improved:
    """A better plan was found."""

    job: int
    improvement: Improvement


@dataclass(frozen=True)
class Done:
    """The job is over, with its plan."""

    job: int
    plan: Plan


@dataclass(frozen=True, eq=False)
class Failed:
    """The job is over without a plan; `error` says why, for the caller."""

    job: int
    error: OptimizerError


Request = Solve | Stop
Answer = Ready | Improved | Done | Failed


def serve(pipe: Connection) -> None:
    """Solve jobs until the parent closes the pipe: the target of a child process.

    Parameters
    ----------
    pipe
        The child's end of a duplex pipe.
    """
    # Ctrl-C reaches the whole process group; the parent decides when a child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up()
    # What is loaded by now stays for good: the collector, which may come while a stop is being obeyed, need not look
    # through it each time.
    gc.collect()
    gc.freeze()
    try:
        pipe.send(Ready())
        while True:
            request = pipe.recv()
            if isinstance(request, Solve):
                pipe.send(_run(request, pipe))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _run(request: Solve, pipe: Connection) -> Done | Failed:
    stopped = False

    def should_stop() -> bool:
        nonlocal stopped
        while not stopped and pipe.poll():
            message = pipe.recv()
            stopped = isinstance(message, Stop) and message.job == request.job
        return stopped

    def on_improvement(improvement: Improvement) -> None:
        pipe.send(Improved(request.job, improvement))

    try:
        plan = solve(request.problem, request.options, should_stop=should_stop, on_improvement=on_improvement)
    except OptimizerError as error:
        return Failed(request.job, error)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        # Whatever else went wrong is a defect; the parent must hear of it, and the child goes on.
        logger.exception("job %d failed", request.job)
        return Failed(request.job, SolverFailedError(f"the solver failed with {type(error).__name__}"))
    return Done(request.job, plan)
