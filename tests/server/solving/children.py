"""Children of the solver pool that misbehave, to be run in processes of their own."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection

from optimizer.options import Engine
from optimizer.plan import Plan
from optimizer.progress import Improvement
from optimizer.solver_process import Done, Improved, Ready, Solve

PLAN = Plan((), (), 7, "child")
IMPROVEMENT = Improvement(7, 0, ((0,),), 0.1, Engine.SEARCH)


def obedient(pipe: Connection) -> None:
    """Improve once, wait for the stop, answer."""
    pipe.send(Ready())
    while True:
        request = pipe.recv()
        if isinstance(request, Solve):
            pipe.send(Improved(request.job, IMPROVEMENT))
            pipe.recv()
            pipe.send(Done(request.job, PLAN))


def deaf(pipe: Connection) -> None:
    """Improve once and never listen again."""
    pipe.send(Ready())
    request = pipe.recv()
    pipe.send(Improved(request.job, IMPROVEMENT))
    time.sleep(600)


def mortal(pipe: Connection) -> None:
    """Die at the first problem."""
    pipe.send(Ready())
    pipe.recv()
    os._exit(1)


def stillborn(pipe: Connection) -> None:
    """Die before being ready."""
    pipe.close()
