"""What a servicer knows of the call that it answers, whichever transport the call came by."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class CallContext:
    """The call that is being answered.

    Parameters
    ----------
    request_id
        Names the call in logs and in errors; given by the caller or made here.
    deadline_s
        When the caller stops waiting, on the clock of `time.monotonic`; None where it waits for ever.
    principal
        Who calls; empty where the service does not ask.
    """

    request_id: str
    deadline_s: float | None = None
    principal: str = ""

    def remaining_s(self) -> float | None:
        """Return the seconds until the caller stops waiting; None where it waits for ever."""
        return None if self.deadline_s is None else self.deadline_s - time.monotonic()
