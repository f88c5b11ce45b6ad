"""RoadNetworkService: imports maps and computes on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from google.protobuf.message import Message
from odograph import v1

from server.call_context import CallContext
from server.messages.coordinates import asked_system, speak
from server.messages.matches import match_message
from server.messages.mileages import gap_policy_of_value
from server.messages.operations import operation_message
from server.messages.road_networks import (
    import_request_of_message,
    matrix_message,
    matrix_request_of_message,
    places_request_of_message,
    road_network_message,
    route_message,
    snap_message,
    snap_request_of_message,
)
from server.messages.tracks import track_source_of_message
from server.messages.unreadable_fields import read_request, unreadable_fields
from server.use_cases.compute_matrix import compute_travel_matrix
from server.use_cases.compute_route import MAX_WAYPOINTS, compute_route
from server.use_cases.delete_network import delete_road_network
from server.use_cases.import_network import start_import
from server.use_cases.listings import PageRequest, list_road_networks
from server.use_cases.match_track import match_track
from server.use_cases.read_networks import get_road_network
from server.use_cases.snap_positions import MAX_SNAP_POSITIONS, snap_positions
from server.use_cases.workshop import Workshop

MOST_PLACES = {
    "odograph.v1.SnapPositionsRequest.positions": MAX_SNAP_POSITIONS,
    "odograph.v1.ComputeRouteRequest.waypoints": MAX_WAYPOINTS,
}
"""Counted before they are read."""
Answer = TypeVar("Answer", bound=Message)
_SpeakingRequest = v1.SnapPositionsRequest | v1.ComputeRouteRequest | v1.MatchTrackRequest


class RoadNetworkService:
    """The methods of `odograph.v1.RoadNetworkService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._threads = workshop.threads

    async def ImportRoadNetwork(self, request: v1.ImportRoadNetworkRequest, _call: CallContext) -> v1.Operation:
        """Start to import a map file."""
        wanted, unreadable = read_request(request, import_request_of_message)
        return operation_message(await start_import(self._workshop, wanted, unreadable=unreadable))

    async def ListRoadNetworks(
        self, request: v1.ListRoadNetworksRequest, _call: CallContext
    ) -> v1.ListRoadNetworksResponse:
        """List road networks by id."""
        page = PageRequest(request.page_size, request.page_token, unreadable_fields(request))
        found = await list_road_networks(self._workshop, page)
        networks = [road_network_message(record) for record in found.records]
        return v1.ListRoadNetworksResponse(road_networks=networks, next_page_token=found.next_token)

    async def GetRoadNetwork(self, request: v1.GetRoadNetworkRequest, _call: CallContext) -> v1.RoadNetwork:
        """Return one road network."""
        unreadable = unreadable_fields(request)
        return road_network_message(
            await get_road_network(self._workshop, request.road_network_id, unreadable=unreadable)
        )

    async def DeleteRoadNetwork(
        self, request: v1.DeleteRoadNetworkRequest, _call: CallContext
    ) -> v1.DeleteRoadNetworkResponse:
        """Delete one road network."""
        unreadable = unreadable_fields(request)
        await delete_road_network(self._workshop, request.road_network_id, unreadable=unreadable)
        return v1.DeleteRoadNetworkResponse()

    async def SnapPositions(self, request: v1.SnapPositionsRequest, _call: CallContext) -> v1.SnapPositionsResponse:
        """Lay positions on the nearest roads."""
        wanted, unreadable = await self._threads.compute(read_request, request, snap_request_of_message, MOST_PLACES)
        answer = await snap_positions(self._workshop, wanted, unreadable=unreadable)
        return await self._spoken(request, partial(snap_message, answer, label=request.label))

    async def ComputeRoute(self, request: v1.ComputeRouteRequest, _call: CallContext) -> v1.ComputeRouteResponse:
        """Compute the fastest path through waypoints."""
        wanted, unreadable = await self._threads.compute(
            read_request, request, lambda asked: places_request_of_message(asked, asked.waypoints), MOST_PLACES
        )
        answer = await compute_route(self._workshop, wanted, unreadable=unreadable)
        return await self._spoken(request, partial(route_message, answer, label=request.label))

    async def ComputeTravelMatrix(
        self, request: v1.ComputeTravelMatrixRequest, _call: CallContext
    ) -> v1.ComputeTravelMatrixResponse:
        """Compute a travel matrix."""
        (wanted, destinations, overrides), unreadable = await self._threads.compute(
            read_request, request, matrix_request_of_message
        )
        answer = await compute_travel_matrix(self._workshop, wanted, destinations, overrides, unreadable=unreadable)
        return await self._threads.compute(matrix_message, answer, label=request.label)

    async def MatchTrack(self, request: v1.MatchTrackRequest, _call: CallContext) -> v1.Match:
        """Lay a recorded track on roads and measure how far it led."""
        source, unreadable = await self._threads.compute(read_request, request, track_source_of_message)
        answer = await match_track(
            self._workshop,
            road_network=request.road_network,
            source=source,
            gap_policy=gap_policy_of_value(request.gap_policy),
            time_zone=request.time_zone,
            unreadable=unreadable,
        )
        return await self._spoken(request, partial(match_message, answer, label=request.label))

    async def _spoken(self, request: _SpeakingRequest, write: Callable[[], Answer]) -> Answer:
        """Write an answer in the coordinate system of its request."""

        def written() -> Answer:
            message = write()
            speak(message, asked_system(request.coordinate_system))
            return message

        return await self._threads.compute(written)
