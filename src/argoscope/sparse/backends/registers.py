"""The innermost products, written for the vector registers of the processor.

Both functions update a small block of sums that stays in registers, one
vector instruction for each `LANES` products:

    add_products     out[row_r, c + l] += sum_k features[site_r, k] weight[k, c + l]
    add_outer        out[k0 + r, c + l] += sum_p features[site_p, k0 + r] gradient[row_p, c + l]

The rows are found through the pairs of the kernel map, so nothing is gathered
into a buffer first. Each sum runs over k (over p) in order, one fused
multiply-add at a time, whatever the size of the block: the bits of a result do
not depend on how the work was cut.

Numba's loops cannot hold such a block in registers, so the functions emit LLVM
code. LLVM translates it for the processor at hand; only the shape of the block
is chosen here, so that it fits: 12 rows of two vectors, two vectors of weights
and one spare need 27 of the 32 registers of AVX-512 or Neon, 6 rows 15 of the
16 of AVX2.

Measured (Zen 4, one core, 25,094 sites of a wire image): 85, 97 and 107 GFLOP/s
at 16, 32 and 160 channels, where a 2048-cubed matrix product reaches 96 and
gathering followed by `numpy.dot` 21, 56 and 80.
"""

# Numba reads the names of the arguments; the code that is emitted uses them.
# ruff: noqa: ARG001, PLR0917

from __future__ import annotations

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.np import arrayobj

from argoscope.sparse.backends.compile import machine_code

__all__ = ["OUTER_ROWS", "ROWS", "VECTOR_BYTES", "add_outer", "add_products", "fetch"]


def register_block() -> tuple[int, int]:
    """Bytes of a vector register and rows of a block, for the processor Numba compiles for."""
    names = getattr(config, "CPU_FEATURES", None)
    if names is None:
        available = {name for name, has in llvmlite.binding.get_host_cpu_features().items() if has}
    else:
        available = {name[1:] for name in names.split(",") if name.startswith("+")}
    if "avx512f" in available:
        return 64, 12
    if "avx2" in available and "fma" in available:
        return 32, 6
    return 16, 12 if "neon" in available else 6


VECTOR_BYTES, ROWS = register_block()
OUTER_ROWS = 8 if ROWS >= 8 else 4
"""Rows of a block of outer products: a divisor of the usual numbers of channels."""
INDEX = ir.IntType(64)
BYTE_POINTER = ir.IntType(8).as_pointer()


class Emitter:
    """Writes the vector instructions of one block into a Numba function."""

    def __init__(self, context: Any, builder: Any, dtype: Any) -> None:
        self.context, self.builder = context, builder
        self.scalar = ir.FloatType() if dtype == types.float32 else ir.DoubleType()
        self.itemsize = 4 if dtype == types.float32 else 8
        self.lanes = VECTOR_BYTES // self.itemsize
        self.vector = ir.VectorType(self.scalar, self.lanes)

    def array(self, kind: Any, value: Any) -> Any:
        """Numba's view of an array argument."""
        return arrayobj.make_array(kind)(self.context, self.builder, value)  # type: ignore[no-untyped-call]

    def address(self, array: Any, row: Any, column: Any) -> Any:
        """Where element [row, column] of a matrix lies."""
        builder = self.builder
        start = builder.bitcast(array.data, BYTE_POINTER)
        row_bytes = builder.mul(row, builder.extract_value(array.strides, 0))
        return builder.gep(start, [builder.add(row_bytes, builder.mul(column, self.index(self.itemsize)))])

    def index(self, value: int) -> Any:
        """An integer constant."""
        return ir.Constant(INDEX, value)

    def entry(self, array: Any, position: Any) -> Any:
        """Entry of a flat array of 32-bit row numbers."""
        return self.builder.sext(self.builder.load(self.builder.gep(array.data, [position])), INDEX)

    def vector_at(self, address: Any, number: int) -> Any:
        """Pointer to the given vector after `address`."""
        shifted = self.builder.gep(address, [self.index(number * VECTOR_BYTES)])
        return self.builder.bitcast(shifted, self.vector.as_pointer())

    def load(self, address: Any, number: int) -> Any:
        """Read a vector; rows need not be aligned."""
        instruction = self.builder.load(self.vector_at(address, number))
        instruction.align = self.itemsize
        return instruction

    def store(self, value: Any, address: Any, number: int) -> None:
        """Write a vector; rows need not be aligned."""
        self.builder.store(value, self.vector_at(address, number)).align = self.itemsize

    def spread(self, address: Any, element: Any) -> Any:
        """Read one number after `address` into all lanes of a vector."""
        builder, undefined = self.builder, ir.Constant(self.vector, ir.Undefined)
        at = builder.gep(address, [builder.mul(element, self.index(self.itemsize))])
        number = builder.load(builder.bitcast(at, self.scalar.as_pointer()))
        first = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), None)
        return builder.shuffle_vector(first, undefined, lanes)

    def multiply_add(self, left: Any, right: Any, total: Any) -> Any:
        """Emit left * right + total, rounded once."""
        name = f"llvm.fma.v{self.lanes}f{8 * self.itemsize}"
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)  # type: ignore[no-untyped-call]
        return self.builder.call(function, [left, right, total])

    def loop(self, first: Any, last: Any, totals: list[Any], step: Any) -> list[Any]:
        """Emit `for i in first..last: totals = step(i, totals)`, totals in registers."""
        builder, before = self.builder, self.builder.block
        body = builder.append_basic_block("products")
        after = builder.append_basic_block("products.end")
        builder.cbranch(builder.icmp_signed("<", first, last), body, after)
        builder.position_at_end(body)
        counter = builder.phi(INDEX)
        counter.add_incoming(first, before)
        running = [builder.phi(self.vector) for _ in totals]
        updated = step(counter, running)
        following = builder.add(counter, self.index(1))
        end = builder.block
        counter.add_incoming(following, end)
        builder.cbranch(builder.icmp_signed("<", following, last), body, after)
        builder.position_at_end(after)
        finished = []
        for start, phi, new in zip(totals, running, updated, strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(new, end)
            result = builder.phi(self.vector)
            result.add_incoming(start, before)
            result.add_incoming(new, end)
            finished.append(result)
        return finished


@machine_code
def add_products(
    _typing: Any, rows: Any, vectors: Any, features: Any, sites: Any, weight: Any, weight_row: Any, out: Any,
    out_rows: Any, pair: Any, column: Any,
) -> Any:  # fmt: skip
    """Add to `rows` rows of `out`, found from `pair` on, `features` times one block of `weight`.

    `weight_row` is the row of `weight` that the first channel multiplies and
    `column` the first of `vectors` vectors of output channels.
    """
    signature = types.void(
        rows, vectors, features, sites, weight, types.int64, out, out_rows, types.int64, types.int64
    )
    height, width = rows.literal_value, vectors.literal_value

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emitter = Emitter(context, builder, signature.args[2].dtype)
        kinds = signature.args
        inputs, input_rows, factors, outputs, output_rows = (
            emitter.array(kinds[i], arguments[i]) for i in (2, 3, 4, 6, 7)
        )
        weight_row, pair, column = (arguments[i] for i in (5, 8, 9))
        zero = emitter.index(0)
        sources, targets = [], []
        for row in range(height):
            position = builder.add(pair, emitter.index(row))
            sources.append(emitter.address(inputs, emitter.entry(input_rows, position), zero))
            targets.append(emitter.address(outputs, emitter.entry(output_rows, position), column))
        depth = builder.extract_value(inputs.shape, 1)

        def step(channel: Any, totals: list[Any]) -> list[Any]:
            at = emitter.address(factors, builder.add(weight_row, channel), column)
            factor = [emitter.load(at, number) for number in range(width)]
            left = [emitter.spread(source, channel) for source in sources]
            return [
                emitter.multiply_add(left[i // width], factor[i % width], total)
                for i, total in enumerate(totals)
            ]

        starts = [emitter.load(target, number) for target in targets for number in range(width)]
        for i, total in enumerate(emitter.loop(zero, depth, starts, step)):
            emitter.store(total, targets[i // width], i % width)
        return context.get_dummy_value()

    return signature, emit


@machine_code
def add_outer(
    _typing: Any, rows: Any, vectors: Any, features: Any, sites: Any, gradient: Any, gradient_rows: Any, out: Any,
    out_row: Any, first: Any, last: Any, channel: Any, column: Any,
) -> Any:  # fmt: skip
    """Add to one block of `out` the outer products of the pairs from `first` to `last`.

    The block begins at row `out_row` and column `column` of `out`; its rows are
    the channels of `features` from `channel` on.
    """
    signature = types.void(
        rows, vectors, features, sites, gradient, gradient_rows, out,
        types.int64, types.int64, types.int64, types.int64, types.int64,
    )  # fmt: skip
    height, width = rows.literal_value, vectors.literal_value

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emitter = Emitter(context, builder, signature.args[2].dtype)
        inputs, input_rows, gradients, output_rows, outputs = (
            emitter.array(signature.args[i], arguments[i]) for i in range(2, 7)
        )
        out_row, first, last, channel, column = arguments[7:]
        targets = [
            emitter.address(outputs, builder.add(out_row, emitter.index(row)), column)
            for row in range(height)
        ]

        def step(pair: Any, totals: list[Any]) -> list[Any]:
            source = emitter.address(inputs, emitter.entry(input_rows, pair), channel)
            at = emitter.address(gradients, emitter.entry(output_rows, pair), column)
            factor = [emitter.load(at, number) for number in range(width)]
            left = [emitter.spread(source, emitter.index(row)) for row in range(height)]
            return [
                emitter.multiply_add(left[i // width], factor[i % width], total)
                for i, total in enumerate(totals)
            ]

        starts = [emitter.load(target, number) for target in targets for number in range(width)]
        for i, total in enumerate(emitter.loop(first, last, starts, step)):
            emitter.store(total, targets[i // width], i % width)
        return context.get_dummy_value()

    return signature, emit


@machine_code
def fetch(_typing: Any, matrix: Any, row: Any, column: Any) -> Any:
    """Ask for the line of the cache that holds an element which will be read soon."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emitter = Emitter(context, builder, signature.args[0].dtype)
        address = emitter.address(emitter.array(signature.args[0], arguments[0]), *arguments[1:])
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [BYTE_POINTER, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch")  # type: ignore[no-untyped-call]
        read, second_level, data = (ir.Constant(number, value) for value in (0, 2, 1))
        builder.call(function, [address, read, second_level, data])
        return context.get_dummy_value()

    return types.void(matrix, types.int64, types.int64), emit
