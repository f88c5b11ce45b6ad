"""A mileage for the terminal: the way from stay to stay, and the matched metres by class of road."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from rich.table import Table

from geo.audit.track_audit import LegMileage
from server.reports.wording import clocks, kilometres


def leg_table(legs: tuple[LegMileage, ...], zone: ZoneInfo) -> Table:
    """Lay out what was travelled between stays.

    Parameters
    ----------
    legs
        In order of time.
    zone
        Where their clocks are read.

    Returns
    -------
    Table
        One line per leg.
    """
    table = Table("leg", "length", "95 % interval", box=None, pad_edge=False, header_style="bold")
    table.columns[1].justify = "right"
    for leg in legs:
        table.add_row(
            clocks(leg.start_ms, leg.end_ms, zone),
            kilometres(leg.composition.total_m),
            interval(leg.low_m, leg.high_m),
        )
    return table


def road_class_table(by_road_class_m: Mapping[str, float]) -> Table:
    """Lay out on which classes of road the matched metres lie.

    Parameters
    ----------
    by_road_class_m
        Metres by OSM class of road.

    Returns
    -------
    Table
        One line per class, in the given order.
    """
    table = Table("road class", "length", box=None, pad_edge=False, header_style="bold")
    table.columns[1].justify = "right"
    for road_class, length_m in by_road_class_m.items():
        table.add_row(road_class, kilometres(length_m))
    return table


def interval(low_m: float, high_m: float) -> str:
    """Write an interval of lengths.

    Parameters
    ----------
    low_m, high_m
        Its ends.

    Returns
    -------
    str
        For example ``3.2 to 3.4 km``.
    """
    return f"{kilometres(low_m).removesuffix(' km')} to {kilometres(high_m)}"
