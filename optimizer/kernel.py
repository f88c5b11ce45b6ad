"""How the kernels of the planner are compiled, and one type for all integers that go into them.

Most kernels allocate nothing: they work in arrays that the caller owns. For these reference counts are switched off
(``_nrt=False``): with them every call counted each array of its arguments up and down atomically, which took eleven
twelfths of the time of the search. A kernel that does allocate says so in its name here: from a caller that does not it
would inherit the switch, and fail.

Numba compiles, beside every function, a wrapper that lets Python call it; without it a kernel is ready a quarter
sooner. And it compiles a function anew for every combination of argument types, of which a constant and an element of
an int32 array are types of their own: where they go into a kernel, `int64` spares compiling it again. A kernel that is
called for every candidate position is inlined, because the tuples of arrays would otherwise be copied for each call.
And whatever a kernel calls is compiled into it once more: a large kernel that few problems need, and that takes long
anyway, is called at its address instead (`address_of`), so that it is compiled once, and only where it is needed.
The roads have the same of their own (`geo.kernel_types`), since neither package may import the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import njit
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

# Options that numba knows and its stubs do not.
_WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_ALLOCATING: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": True}
_ALLOCATING_OVERLOAD: Any = {"nogil": True, "_nrt": True}
_ALLOCATING_NOTHING: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": False}

# The stubs of numba know few of its types, and none of what generates code.
_NUMBA: Any = numba
_CODE: Any = cgutils

int64: Callable[[int], int] = np.int64  # type: ignore[assignment]  # to whoever reads the code it stays a number
"""Widens any integer to 64 bits, also for the compiler."""


def kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING)(function)
    return compiled


def inner_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing and that only other kernels call."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING, **_WITHOUT_WRAPPERS)(function)
    return compiled


def merged_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing as if it were written in its only caller, which takes half the time."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING, inline="always")(function)
    return compiled


def inlined_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing, and that only other kernels call, into each of its callers."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING, **_WITHOUT_WRAPPERS, forceinline=True)(function)
    return compiled


def allocating_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that Python calls as well as kernels that allocate nothing themselves."""
    compiled: _Kernel = njit(**_ALLOCATING)(function)
    return compiled


def allocating_inner_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that only other kernels call, whether they allocate or not."""
    compiled: _Kernel = njit(**_ALLOCATING, **_WITHOUT_WRAPPERS)(function)
    return compiled


_ADDRESSES: dict[Any, int] = {}


def address_of(function: Any, result: Any, *arguments: object) -> int:  # noqa: ANN401 - a kernel, a type of numba
    """Compile a kernel for arguments like given ones, and tell where `caller_of` finds it; never 0.

    The kernel is always asked for with the same types. It stays where it is as long as the process lives, and is
    unknown to others.
    """
    if _NUMBA.config.DISABLE_JIT:
        return 1
    if function not in _ADDRESSES:
        wanted = tuple(_plain_type(_NUMBA.typeof(argument)) for argument in arguments)
        function.compile(wanted)
        compiled = function.overloads[wanted]
        if compiled.signature.return_type != result:
            message = f"{function} must return {result} (got {compiled.signature.return_type})"
            raise TypingError(message)
        _ADDRESSES[function] = int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
    return _ADDRESSES[function]


def caller_of(result: Any) -> Callable[[int, tuple[Any, ...]], Any]:  # noqa: ANN401 - a type of numba
    """Make a function for kernels that calls a kernel at an address, with a tuple of its arguments.

    A caller of a kernel that returns arrays must be one that allocates.
    """

    @intrinsic
    def call_at(typing_context: Any, address: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001 - numba's form
        kinds = tuple(arguments)
        if any(_plain_type(kind) != kind for kind in kinds):
            message = f"only plain types can go to a kernel at an address (got {arguments})"
            raise TypingError(message)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401, ARG001 - numba's form
            kernel_type = context.call_conv.get_function_type(result, kinds)
            place = builder.inttoptr(values[0], kernel_type.as_pointer())
            own = _CODE.unpack_tuple(builder, values[1], len(kinds))
            status, found = context.call_conv.call_function(builder, place, result, kinds, own)
            with _CODE.if_unlikely(builder, status.is_error):
                context.call_conv.return_status_propagate(builder, status)
            return found

        return result(INT64, arguments), generate

    called: Any = call_at
    return cast(Callable[[int, tuple[Any, ...]], Any], called)


def at_address(kernel: Any, result: Any, *, allocates: bool = False) -> Any:  # noqa: ANN401 - a kernel, a type of numba
    """Make a function that kernels call instead of a kernel: with its address, and then its arguments.

    Python calls the kernel itself. One that returns arrays, or calls others that allocate, must be said to allocate.
    """
    call_at = caller_of(result)

    def call_kernel(address: int, *arguments: Any) -> Any:  # noqa: ANN401, ARG001 - any kernel; where it is compiled
        return kernel(*arguments)

    @overload(call_kernel, jit_options=_ALLOCATING_OVERLOAD if allocates else {"nogil": True})
    def compiled(address: Any, *arguments: Any) -> Callable[..., Any]:  # noqa: ANN401, ARG001 - numba's form
        def call(address: Any, *arguments: Any) -> Any:  # noqa: ANN401 - the same names
            return call_at(address, arguments)

        return call

    return call_kernel


def tuple_type(cls: type | None, *kinds: Any) -> Any:  # noqa: ANN401 - a type of numba
    """Return the type of a tuple with parts of some types, named or not."""
    return _NUMBA.types.BaseTuple.from_types(kinds, cls)


INT64: Any = _NUMBA.types.int64
ARRAY: Any = _NUMBA.types.Array(INT64, 1, "C")
TABLE: Any = _NUMBA.types.Array(INT64, 2, "C")


def _plain_type(kind: Any) -> Any:  # noqa: ANN401 - types of numba
    """Return the one type that stands for what kernels at addresses get: contiguous arrays and 64-bit numbers."""
    if isinstance(kind, _NUMBA.types.Array):
        return _NUMBA.types.Array(kind.dtype, kind.ndim, "C")
    if isinstance(kind, _NUMBA.types.Integer):
        return INT64
    if isinstance(kind, _NUMBA.types.BaseNamedTuple):
        return tuple_type(kind.instance_class, *(_plain_type(one) for one in kind.types))
    return kind
