"""What is expensive is made once for each key, and never makes those wait who ask for something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.compute.kept_by_key import KeptByKey

PATIENCE_S = 10.0


def test_two_keys_are_made_at_the_same_time() -> None:
    """Each value is finished only when the other one is being made: one lock around both would never end."""
    kept, both = KeptByKey[str](8), threading.Barrier(2, timeout=PATIENCE_S)

    def make(value: str) -> Callable[[], str]:
        def wait() -> str:
            both.wait()
            return value

        return wait

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(kept.get, b"a", make("A")), threads.submit(kept.get, b"b", make("B"))
        assert (first.result(), second.result()) == ("A", "B")


def test_one_key_is_made_once_for_everybody() -> None:
    """Whoever asks for what is being made gets the same object."""
    kept, asked = KeptByKey[object](8), threading.Barrier(3, timeout=PATIENCE_S)
    made: list[object] = []

    def ask() -> object:
        asked.wait()
        return kept.get(b"a", lambda: made.append(object()) or made[-1])

    with ThreadPoolExecutor(3) as threads:
        answers = [future.result() for future in [threads.submit(ask) for _ in range(3)]]
    assert len(made) == 1
    assert all(answer is made[0] for answer in answers)


def test_a_failure_is_told_and_not_kept() -> None:
    """What could not be made is tried again by the next who asks."""

    def fail() -> str:
        message = "no room"
        raise MemoryError(message)

    kept = KeptByKey[str](8)
    with pytest.raises(MemoryError):
        kept.get(b"a", fail)
    assert kept.get(b"a", lambda: "A") == "A"


def test_only_the_last_few_are_kept() -> None:
    """The least recently asked for is made anew, the others are not."""
    kept, made = KeptByKey[str](2), []

    def get(key: bytes) -> str:
        return kept.get(key, lambda: made.append(key) or key.decode())

    assert [get(key) for key in (b"a", b"b", b"a", b"c", b"a", b"b")] == ["a", "b", "a", "c", "a", "b"]
    assert made == [b"a", b"b", b"c", b"b"]
