"""Deletes road networks that nothing stands on."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from server.errors import FieldViolation, NotFoundError, Resource, WrongStateError
from server.use_cases.read_networks import get_road_network
from server.use_cases.workshop import Workshop


async def delete_road_network(
    workshop: Workshop, network_id: str, *, unreadable: Sequence[FieldViolation] = ()
) -> None:
    """Delete a road network with its folder.

    Parameters
    ----------
    workshop
        The service's tools.
    network_id
        Its id.
    unreadable
        What cannot be read of the request.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network.
    WrongStateError
        A plan or an audit stands on it: both must be reproducible as long as they are kept.
    """
    record = await get_road_network(workshop, network_id, unreadable=unreadable)
    store = workshop.store
    for resource, table in ((Resource.PLAN, store.plans), (Resource.AUDIT, store.audits)):
        user = await workshop.threads.store(table.first_holding, record.fingerprint)
        if user is not None:
            message = f"{resource.value} {user!r} stands on road network {network_id!r}, which must be kept as long"
            raise WrongStateError(Resource.ROAD_NETWORK, network_id, message)
    async with workshop.keeping_network:
        if not await workshop.threads.store(store.road_networks.remove, network_id):
            raise NotFoundError(Resource.ROAD_NETWORK, network_id, field="road_network_id")
        workshop.networks.forget(network_id)
        await workshop.threads.store(shutil.rmtree, workshop.settings.network_folder / network_id, ignore_errors=True)
