"""The priority queue of every path search: a heap with four children per slot whose entries can be moved up.

Four children make it half as deep as a binary heap, and its hot upper part fits a few cache lines (LaMarca and Ladner
1996, doi 10.1145/235141.235145). Each item is in the heap at most once, so the arrays never need more room than there
are items, and nothing can overflow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

CHILDREN = 4
ABSENT = -1


class Heap(NamedTuple):
    """Room for a heap over items ``0 … n - 1``.

    Fields: ``key (n,)`` int64 and ``item (n,)`` int32 by slot; ``slot (n,)`` int32 by item, `ABSENT` where the item is
    not in the heap; ``size (1,)`` int32 number of entries.
    """

    key: NDArray[np.int64]
    item: NDArray[np.int32]
    slot: NDArray[np.int32]
    size: NDArray[np.int32]


def empty_heap(item_count: int) -> Heap:
    """Make room for a heap.

    Parameters
    ----------
    item_count
        Number of different items.

    Returns
    -------
    Heap
        An empty heap.
    """
    return Heap(
        key=np.empty(item_count, np.int64),
        item=np.empty(item_count, np.int32),
        slot=np.full(item_count, ABSENT, np.int32),
        size=np.zeros(1, np.int32),
    )


@njit(nogil=True, cache=True)
def push_or_raise(heap: Heap, item: int, key: int) -> None:
    """Put an item in, or move it up to a smaller key.

    Parameters
    ----------
    heap
        The heap.
    item
        The item; where it is in the heap already, `key` must not exceed its key.
    key
        Its key.
    """
    slot = heap.slot[item]
    if slot == ABSENT:
        slot = heap.size[0]
        heap.size[0] += 1
    while slot > 0:
        parent = (slot - 1) // CHILDREN
        if heap.key[parent] <= key:
            break
        heap.key[slot] = heap.key[parent]
        heap.item[slot] = heap.item[parent]
        heap.slot[heap.item[slot]] = slot
        slot = parent
    heap.key[slot] = key
    heap.item[slot] = item
    heap.slot[item] = slot


@njit(nogil=True, cache=True)
def pop_least(heap: Heap) -> int:
    """Take out the item with the least key.

    Parameters
    ----------
    heap
        The heap, not empty; the key of the item stands in ``heap.key[0]`` before the call.

    Returns
    -------
    int
        The item.
    """
    least: int = heap.item[0]
    heap.slot[least] = ABSENT
    heap.size[0] -= 1
    size = heap.size[0]
    if size > 0:
        _sink(heap, heap.item[size], heap.key[size], size)
    return least


@njit(nogil=True, cache=True)
def _sink(heap: Heap, item: int, key: int, size: int) -> None:
    """Let an item find its slot from the top downwards."""
    slot = 0
    while True:
        first_child = CHILDREN * slot + 1
        if first_child >= size:
            break
        child = first_child
        for other in range(first_child + 1, min(first_child + CHILDREN, size)):
            if heap.key[other] < heap.key[child]:
                child = other
        if heap.key[child] >= key:
            break
        heap.key[slot] = heap.key[child]
        heap.item[slot] = heap.item[child]
        heap.slot[heap.item[slot]] = slot
        slot = child
    heap.key[slot] = key
    heap.item[slot] = item
    heap.slot[item] = slot


@njit(nogil=True, cache=True)
def clear_heap(heap: Heap) -> None:
    """Take everything out.

    Parameters
    ----------
    heap
        The heap.
    """
    for slot in range(heap.size[0]):
        heap.slot[heap.item[slot]] = ABSENT
    heap.size[0] = 0
