"""Roads that are downloaded become a network like any other; what cannot be downloaded leaves nothing."""

from __future__ import annotations

import networkx as nx
import pytest

from geo.errors import RoadFileError
from server.application import open_workshop
from server.errors import InvalidRequestError
from server.settings import Settings
from server.use_cases.download_network import download_road_network


def crossroads(_place: str) -> nx.MultiDiGraph:
    """A street and a footway that cross, as OSMnx hands them over."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in enumerate([(24.94, 60.17), (24.941, 60.17), (24.942, 60.17), (24.941, 60.171)]):
        graph.add_node(node, x=x, y=y)
    for way, highway, ends in ((1, "residential", (0, 1)), (1, "residential", (1, 2)), (2, "footway", (1, 3))):
        for tail, head in (ends, ends[::-1]):
            graph.add_edge(tail, head, osmid=way, highway=highway, oneway=False, reversed=tail > head, length=55.0)
    return graph


def nowhere(place: str) -> nx.MultiDiGraph:
    """A place that is not known."""
    message = f"the roads of {place!r} could not be downloaded"
    raise RoadFileError(message)


async def test_downloaded_roads_are_kept_under_the_name_of_the_place(settings: Settings) -> None:
    """The network has an id made of place and profile, holds the profile's roads only, and can be downloaded again."""
    async with open_workshop(settings) as workshop:
        records = [
            await download_road_network(workshop, "Kamppi, Helsinki", profile=profile, download=crossroads)
            for profile in ("car", "foot", "foot")
        ]
        assert [record.id for record in records] == ["kamppi-helsinki-car", *["kamppi-helsinki-foot"] * 2]
        assert records[0].road_length_m < records[1].road_length_m
        assert records[1] == records[2]
        assert (await workshop.networks.get("kamppi-helsinki-car")).network.profile == "car"


@pytest.mark.parametrize(
    ("profile", "network_id", "fields"),
    [("car", "", ["place"]), ("rocket", "Bad Id", ["profile", "road_network_id"])],
)
async def test_what_cannot_be_downloaded_leaves_nothing(
    settings: Settings, profile: str, network_id: str, fields: list[str]
) -> None:
    """An unknown place and broken rules are named by field, and no network is there afterwards."""
    async with open_workshop(settings) as workshop:
        with pytest.raises(InvalidRequestError) as caught:
            await download_road_network(workshop, "?", profile=profile, network_id=network_id, download=nowhere)
        assert [violation.field for violation in caught.value.violations] == fields
    assert not list(settings.network_folder.glob("*"))
