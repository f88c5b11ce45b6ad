"""Says which road networks there are."""

from __future__ import annotations

from collections.abc import Sequence

from server.errors import FieldViolation, NotFoundError, Resource, refuse
from server.storage.records import RoadNetworkRecord
from server.use_cases.identity import id_violations
from server.use_cases.workshop import Workshop


async def get_road_network(
    workshop: Workshop, network_id: str, *, unreadable: Sequence[FieldViolation] = ()
) -> RoadNetworkRecord:
    """Return one road network.

    Parameters
    ----------
    workshop
        The service's tools.
    network_id
        Its id.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    RoadNetworkRecord
        The network.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network.
    """
    refuse(unreadable, id_violations(network_id, "road_network_id"))
    record = await workshop.threads.store(workshop.store.road_networks.get, network_id)
    if record is None:
        raise NotFoundError(Resource.ROAD_NETWORK, network_id, field="road_network_id")
    return record
