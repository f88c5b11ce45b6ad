"""A small town as an OSM file: five streets north to south, four east to west, and an island with no way to it.

::

    20 - 21 - 22 - 23 - 24      rows are 0.002 degrees of latitude apart (222 m),
     |    |    |    |    |      columns are 0.004 degrees of longitude apart (223 m at 60 degrees north);
    15 - 16 - 17 - 18 - 19      node 10 lies at 60.000 degrees north, 25.000 degrees east
     |    |    |    |    |
    10 - 11 - 12 - 13 - 14                                90 - 91   (an island, 5 km east)
     |    |    |    |    |
     5 -  6 -  7 -  8 -  9

The second street from the south is one-way to the east for vehicles.
"""

from __future__ import annotations

from pathlib import Path

COLUMNS, ROWS = 5, 4
FIRST_NODE = 5
SOUTH_DEGREES, WEST_DEGREES = 59.998, 25.0
LATITUDE_STEP, LONGITUDE_STEP = 0.002, 0.004
ISLAND_LONGITUDE_DEGREES = 25.1


def crossing(column: float, row: float) -> tuple[float, float]:
    """Latitude and longitude of the crossing in a column (from the west) and a row (from the south)."""
    return SOUTH_DEGREES + row * LATITUDE_STEP, WEST_DEGREES + column * LONGITUDE_STEP


def write_town(path: Path, *, highway: str = "residential") -> None:
    """Write the town as an OSM XML file."""
    numbers = range(COLUMNS * ROWS)
    places = {FIRST_NODE + number: crossing(number % COLUMNS, number // COLUMNS) for number in numbers}
    for number in range(2):
        places[90 + number] = (SOUTH_DEGREES, ISLAND_LONGITUDE_DEGREES + number * LONGITUDE_STEP)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    lines += [_node(node, *place) for node, place in places.items()]
    for row in range(ROWS):
        nodes = [FIRST_NODE + row * COLUMNS + column for column in range(COLUMNS)]
        lines.append(_way(100 + row, f"Street {row}", nodes, highway=highway, oneway=row == 1))
    for column in range(COLUMNS):
        nodes = [FIRST_NODE + row * COLUMNS + column for row in range(ROWS)]
        lines.append(_way(200 + column, f"Avenue {column}", nodes, highway=highway))
    lines.append(_way(300, "Island Road", [90, 91], highway=highway))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, "</osm>", ""]), encoding="utf-8")


def write_school_street(path: Path) -> None:
    """Write the town with Street 2 closed to motor vehicles on school mornings."""
    write_town(path)
    name = '<tag k="name" v="Street 2"/>'
    closed = '<tag k="motor_vehicle:conditional" v="no @ (Mo-Fr 07:00-09:00)"/>'
    path.write_text(path.read_text(encoding="utf-8").replace(name, name + closed), encoding="utf-8")


def _node(node: int, latitude: float, longitude: float) -> str:
    return f'<node id="{node}" version="1" lat="{latitude:.7f}" lon="{longitude:.7f}"/>'


def _way(way: int, name: str, nodes: list[int], *, highway: str, oneway: bool = False) -> str:
    references = "".join(f'<nd ref="{node}"/>' for node in nodes)
    tags = f'<tag k="highway" v="{highway}"/><tag k="name" v="{name}"/>'
    if oneway:
        tags += '<tag k="oneway" v="yes"/>'
    return f'<way id="{way}" version="1">{references}{tags}</way>'
