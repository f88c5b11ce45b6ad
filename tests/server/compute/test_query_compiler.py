"""Kernels of queries are compiled in a second process, and nothing depends on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.compute.query_compiler import compiling_queries


def test_the_second_process_writes_a_block_and_answers_on_it(tmp_path: Path) -> None:
    """Begun as plain Python it writes a whole network folder, and it ends well after it has asked its queries."""
    command = [sys.executable, "-m", "server.compute.query_compiler", str(tmp_path)]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "block").iterdir()} >= {"routing"}


@pytest.mark.parametrize("executable", ["/bin/false", "/there/is/no/such/file"])
def test_a_second_process_that_fails_is_not_missed(executable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a process that failed or never started ends, without an error."""
    monkeypatch.setattr(sys, "executable", executable)
    with compiling_queries() as wait_for_queries:
        wait_for_queries()


def test_who_does_not_wait_stops_the_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving without waiting leaves no process behind."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remember(*args: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    with compiling_queries():
        pass
    assert [process.poll() is not None for process in started] == [True]
