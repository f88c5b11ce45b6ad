"""New ids, and the time now."""

from __future__ import annotations

import time
import uuid


def new_id() -> str:
    """Return a new id: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def now_ms() -> int:
    """Return Unix milliseconds."""
    return time.time_ns() // 1_000_000
