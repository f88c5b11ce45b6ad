"""TrackService: takes recorded tracks in and gives them back."""

from __future__ import annotations

from collections.abc import AsyncIterator

from odograph import v1

from server.call_context import CallContext
from server.messages.coordinates import asked_system
from server.messages.tracks import (
    recorded_track_message,
    track_header_of_message,
    track_message,
    track_name_of_message,
    track_parts_of_messages,
)
from server.messages.unreadable_fields import unreadable_fields
from server.use_cases.listings import PageRequest, list_tracks
from server.use_cases.read_tracks import delete_track, get_track
from server.use_cases.record_track import record_track
from server.use_cases.workshop import Workshop


class TrackService:
    """The methods of `odograph.v1.TrackService`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    async def RecordTrack(
        self, requests: AsyncIterator[v1.RecordTrackRequest], _call: CallContext
    ) -> v1.RecordTrackResponse:
        """Take a track in, part by part."""
        header = track_header_of_message(await anext(requests, v1.RecordTrackRequest()))
        tracks, threads = self._workshop.store.tracks, self._workshop.threads
        recorded = await record_track(tracks, threads, header, track_parts_of_messages(requests))
        return recorded_track_message(recorded)

    async def GetTrack(self, request: v1.GetTrackRequest, _call: CallContext) -> v1.Track:
        """Return one track."""
        name = track_name_of_message(request.name)
        record = await get_track(
            self._workshop, name, with_points=request.include_points, unreadable=unreadable_fields(request)
        )
        return await self._workshop.threads.compute(track_message, record, asked_system(request.coordinate_system))

    async def ListTracks(self, request: v1.ListTracksRequest, _call: CallContext) -> v1.ListTracksResponse:
        """List tracks without their points."""
        page = PageRequest(request.page_size, request.page_token, unreadable_fields(request))
        found = await list_tracks(self._workshop, page, worker_id=request.worker_id, day=request.day)
        tracks = [track_message(record) for record in found.records]
        return v1.ListTracksResponse(tracks=tracks, next_page_token=found.next_token)

    async def DeleteTrack(self, request: v1.DeleteTrackRequest, _call: CallContext) -> v1.DeleteTrackResponse:
        """Delete one track with all its points."""
        name = track_name_of_message(request.name)
        await delete_track(self._workshop, name, unreadable=unreadable_fields(request))
        return v1.DeleteTrackResponse()
