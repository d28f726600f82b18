"""Asking the processor to bring memory near before it is needed, so that loops over far-flung rows do not wait for it.

Each look-up touches some hundred places all over more than a gigabyte; one after the other each would cost as much as
hundreds of instructions.
"""

# ruff: noqa: ANN001, ANN202
# mypy: ignore-errors

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from registry.identification.compiled.options import OPTIONS

__all__ = ["prefetch"]

_READ, _KEEP_NEAR, _DATA = 0, 3, 1


@intrinsic
def _ask_for(_typing_context, _address):
    """LLVM's ``llvm.prefetch`` (LLVM Language Reference, "llvm.prefetch Intrinsic") of an address."""

    def code(context, builder, _signature, arguments):
        pointer, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, flag, flag, flag])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [builder.inttoptr(arguments[0], pointer), flag(_READ), flag(_KEEP_NEAR), flag(_DATA)])
        return context.get_dummy_value()

    return types.void(types.intp), code


@njit(inline="always", **OPTIONS)
def prefetch(array, row, column) -> None:
    """Have ``array[row, column]`` brought near; nothing waits for it."""
    _ask_for(array.ctypes.data + row * array.strides[0] + column * array.strides[1])
