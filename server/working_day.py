"""The day that a table of wall-clock times is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class WorkingDay:
    """A calendar day in a time zone.

    Parameters
    ----------
    day
        The calendar day.
    zone
        Where its clocks are read.
    """

    day: date
    zone: ZoneInfo

    def unix_s(self, hours: int, minutes: int) -> int:
        """Turn a wall-clock time of this day into Unix seconds.

        Parameters
        ----------
        hours, minutes
            The clock; 24 hours and more are on the next day.

        Returns
        -------
        int
            Unix seconds.
        """
        midnight = datetime.combine(self.day + timedelta(days=hours // 24), time(0), self.zone)
        return int(midnight.replace(hour=hours % 24, minute=minutes).timestamp())
