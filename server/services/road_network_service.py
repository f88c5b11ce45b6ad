"""RoadNetworkService: imports maps and computes on them."""

from __future__ import annotations

from odograph import v1

from server.call_context import CallContext
from server.messages.coordinates import asked_system, speak
from server.messages.matches import match_message
from server.messages.operations import operation_message
from server.messages.road_networks import (
    import_request_of_message,
    matrix_message,
    overrides_of_message,
    places_of_positions,
    places_request_of_message,
    road_network_message,
    route_message,
    snap_message,
    snap_request_of_message,
)
from server.messages.tracks import track_source_of_message
from server.use_cases.compute_matrix import compute_travel_matrix
from server.use_cases.compute_route import compute_route
from server.use_cases.delete_network import delete_road_network
from server.use_cases.import_network import start_import
from server.use_cases.listings import PageRequest, list_road_networks
from server.use_cases.match_track import match_track
from server.use_cases.read_networks import get_road_network
from server.use_cases.snap_positions import snap_positions
from server.use_cases.workshop import Workshop


class RoadNetworkService:
    """The methods of `odograph.v1.RoadNetworkService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._threads = workshop.threads

    async def ImportRoadNetwork(self, request: v1.ImportRoadNetworkRequest, _call: CallContext) -> v1.Operation:
        """Start to import a map file."""
        return operation_message(await start_import(self._workshop, import_request_of_message(request)))

    async def ListRoadNetworks(
        self, request: v1.ListRoadNetworksRequest, _call: CallContext
    ) -> v1.ListRoadNetworksResponse:
        """List road networks by id."""
        found = await list_road_networks(self._workshop, PageRequest(request.page_size, request.page_token))
        networks = [road_network_message(record) for record in found.records]
        return v1.ListRoadNetworksResponse(road_networks=networks, next_page_token=found.next_token)

    async def GetRoadNetwork(self, request: v1.GetRoadNetworkRequest, _call: CallContext) -> v1.RoadNetwork:
        """Return one road network."""
        return road_network_message(await get_road_network(self._workshop, request.road_network_id))

    async def DeleteRoadNetwork(
        self, request: v1.DeleteRoadNetworkRequest, _call: CallContext
    ) -> v1.DeleteRoadNetworkResponse:
        """Delete one road network."""
        await delete_road_network(self._workshop, request.road_network_id)
        return v1.DeleteRoadNetworkResponse()

    async def SnapPositions(self, request: v1.SnapPositionsRequest, _call: CallContext) -> v1.SnapPositionsResponse:
        """Lay positions on the nearest roads."""
        answer = snap_message(
            await snap_positions(self._workshop, snap_request_of_message(request)), label=request.label
        )
        speak(answer, asked_system(request.coordinate_system))
        return answer

    async def ComputeRoute(self, request: v1.ComputeRouteRequest, _call: CallContext) -> v1.ComputeRouteResponse:
        """Compute the fastest path through waypoints."""
        wanted = places_request_of_message(request, request.waypoints)
        answer = await compute_route(self._workshop, wanted)
        message = await self._threads.compute(route_message, answer, label=request.label)
        speak(message, asked_system(request.coordinate_system))
        return message

    async def ComputeTravelMatrix(
        self, request: v1.ComputeTravelMatrixRequest, _call: CallContext
    ) -> v1.ComputeTravelMatrixResponse:
        """Compute a travel matrix."""
        wanted = places_request_of_message(request, request.origins)
        destinations = places_of_positions(request.destinations)
        answer = await compute_travel_matrix(self._workshop, wanted, destinations, overrides_of_message(request))
        return await self._threads.compute(matrix_message, answer, label=request.label)

    async def MatchTrack(self, request: v1.MatchTrackRequest, _call: CallContext) -> v1.Match:
        """Lay a recorded track on roads."""
        source = track_source_of_message(request)
        answer = await match_track(self._workshop, road_network=request.road_network, source=source)
        message = await self._threads.compute(match_message, answer, label=request.label)
        speak(message, asked_system(request.coordinate_system))
        return message
