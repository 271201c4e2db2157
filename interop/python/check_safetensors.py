"""Safetensors files through the format's own library: FOLDER holds ours.safetensors; writes theirs.safetensors with the
same tensors and metadata, and prints what the library read."""

import json
import sys

import numpy
from safetensors import TensorSpec, __version__, deserialize, safe_open, serialize

folder = sys.argv[1]
path = f"{folder}/ours.safetensors"
with open(path, "rb") as file:
    content = file.read()
with safe_open(path, framework="numpy") as opened:
    metadata = opened.metadata()
tensors = {name: {**tensor, "data": bytes(tensor["data"])} for name, tensor in deserialize(content)}
names = {
    "BF16": "bfloat16",
    "BOOL": "bool",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "U8": "uint8",
    "U16": "uint16",
    "U32": "uint32",
    "U64": "uint64",
}
# numpy has no bfloat16: the library is given addresses of bytes, which live in `arrays` until it has written them.
arrays = {name: numpy.frombuffer(tensor["data"], dtype=numpy.uint8) for name, tensor in tensors.items()}
again = {
    name: TensorSpec(
        dtype=names[tensor["dtype"]],
        shape=tensor["shape"],
        data_ptr=arrays[name].ctypes.data,
        data_len=arrays[name].nbytes,
    )
    for name, tensor in tensors.items()
}
with open(f"{folder}/theirs.safetensors", "wb") as file:
    file.write(serialize(again, metadata))
read = {
    name: {"type": tensor["dtype"], "shape": tensor["shape"], "bytes": tensor["data"].hex()}
    for name, tensor in tensors.items()
}
print(json.dumps({"version": __version__, "metadata": metadata, "tensors": read}))
