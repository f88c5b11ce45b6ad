"""Says which road networks there are."""

from __future__ import annotations

from server.errors import NotFoundError, Resource
from server.storage.records import RoadNetworkRecord
from server.use_cases.workshop import Workshop


async def get_road_network(workshop: Workshop, network_id: str) -> RoadNetworkRecord:
    """Return one road network.

    Parameters
    ----------
    workshop
        The service's tools.
    network_id
        Its id.

    Returns
    -------
    RoadNetworkRecord
        The network.

    Raises
    ------
    NotFoundError
        There is no such network.
    """
    record = await workshop.threads.store(workshop.store.road_networks.get, network_id)
    if record is None:
        raise NotFoundError(Resource.ROAD_NETWORK, network_id)
    return record
