"""`odograph serve` as an operator runs it: it starts, answers, logs its faults, and stops when it is asked to."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from odograph import v1

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The service in a process of its own, listening on a free port."""
    command = [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'proto'}",
        "ODOGRAPH_SOLVER_PROCESSES": "1",
    }
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        yield process
        process.kill()


def damage_a_plan(folder: Path) -> None:
    """Put a row into the database that nobody can read."""
    with closing(sqlite3.connect(folder / "data" / "odograph.sqlite")) as database:
        row = ("p", "2026-03-02", 1, b"\xff", b"\xff", b"\xff")
        database.execute("INSERT INTO plan VALUES (?, ?, ?, ?, ?, ?)", row)
        database.commit()


def test_the_service_starts_answers_logs_and_stops(service: subprocess.Popen[str], tmp_path: Path) -> None:
    """It names its port once it is ready; a damaged row is logged as a fault with its request id; SIGTERM ends it."""
    assert service.stderr is not None
    port = next(found[1] for line in service.stderr if (found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line)))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = v1.PlanningServiceStub(channel)
        assert not stub.ListPlans(v1.ListPlansRequest()).plans
        damage_a_plan(tmp_path)
        with pytest.raises(grpc.RpcError) as failed:
            stub.ListPlans(v1.ListPlansRequest(), metadata=(("x-request-id", "mine-9"),))
    assert failed.value.code() is grpc.StatusCode.INTERNAL
    service.send_signal(signal.SIGTERM)
    log = service.stderr.read()
    assert "ListPlans failed with DecodeError" in log
    assert "mine-9" in log
    assert "stopping" in log
    assert service.wait(timeout=60) == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_service_that_is_still_compiling_stops_at_once(tmp_path: Path, sign: signal.Signals) -> None:
    """Whoever asks it to stop before it is ready does not wait for the compiler, and no child is left behind."""
    command = [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'proto'}",
        "NUMBA_CACHE_DIR": str(tmp_path / "nothing-compiled-yet"),
    }
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        assert process.stderr is not None
        first = process.stderr.readline()
        time.sleep(1)
        process.send_signal(sign)
        rest = process.stderr.read()  # ends when the last process that holds it has ended
    assert "odograph starts" in first
    assert rest.strip() == "stopped before it was ready"
    assert process.returncode == 130
