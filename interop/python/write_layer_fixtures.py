"""Golden vectors of the neural engine's layers: `python interop/python/write_layer_fixtures.py FILE`.

Needs torch. Each case holds a layer's weights, its inputs, what it gives in inference and in training (where that differs), and the gradients of
sum(coefficients * outputs) / rows, `input_shift` being a parameter that is added to every row of a float input."""

import json
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.backends.mha.set_fastpath_enabled(False)
ROWS = 3
TYPES = {torch.float32: "float", torch.int64: "int64", torch.bool: "bool"}


def written(tensor):
    values = tensor.detach().flatten().tolist()
    values = [float(f"{v:.7g}") for v in values] if tensor.dtype == torch.float32 else [int(v) for v in values]
    return {"type": TYPES[tensor.dtype], "shape": list(tensor.shape), "values": values}


def tensors(values):
    return {name: written(value) for name, value in values.items()}


class Call(nn.Module):
    """A function as a module without parameters."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


class Recurrent(nn.Module):
    def __init__(self, kind, inputs, units, **options):
        super().__init__()
        self.rnn = kind(inputs, units, batch_first=True, **options)

    def forward(self, x, lengths=None):
        packed = x
        if lengths is not None:
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        sequence, state = self.rnn(packed)
        if lengths is not None:
            sequence, _ = nn.utils.rnn.pad_packed_sequence(sequence, batch_first=True, total_length=x.shape[1])
        hidden = state[0] if isinstance(state, tuple) else state
        directions = 2 if self.rnn.bidirectional else 1
        return {"sequence": sequence, "last": torch.cat(list(hidden[-directions:]), 1)}

    def named(self):
        return dict(self.rnn.named_parameters())


class Attention(nn.Module):
    def __init__(self, features, heads, causal=False):
        super().__init__()
        self.attention = nn.MultiheadAttention(features, heads, batch_first=True)
        self.causal = causal

    def forward(self, x, memory=None, mask=None):
        memory = x if memory is None else memory
        hidden = absent(mask, memory.shape[1])
        future = torch.triu(torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool), 1) if self.causal else None
        return self.attention(x, memory, memory, key_padding_mask=hidden, attn_mask=future, need_weights=False)[0]

    def named(self):
        return dict(self.attention.named_parameters())


def absent(mask, steps):
    if mask is None:
        return None
    return ~mask if mask.dtype == torch.bool else torch.arange(steps)[None] >= mask[:, None]


class Encoder(nn.Module):
    def __init__(self, causal=False, **options):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, batch_first=True, **options)
        self.causal = causal

    def forward(self, x, mask=None):
        future = nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if self.causal else None
        future = None if future is None else future < 0
        return self.layer(x, src_mask=future, src_key_padding_mask=absent(mask, x.shape[1]))

    def named(self):
        return dict(self.layer.named_parameters())


class Decoder(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.layer = nn.TransformerDecoderLayer(8, 2, 12, dropout=0.0, batch_first=True, **options)

    def forward(self, x, memory, memoryMask=None):
        future = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), 1)
        return self.layer(x, memory, tgt_mask=future, memory_key_padding_mask=absent(memoryMask, memory.shape[1]))

    def named(self):
        return dict(self.layer.named_parameters())


class Lora(nn.Module):
    """Hu et al. 2021 with alpha 6 and rank 2."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(4, 5)), nn.Parameter(torch.empty(4))
        self.lora_a, self.lora_b = nn.Parameter(torch.empty(2, 5)), nn.Parameter(torch.empty(4, 2))

    def forward(self, x):
        return F.linear(x, self.weight, self.bias) + 3 * F.linear(F.linear(x, self.lora_a), self.lora_b)


def sinusoidal(x):
    steps, features = x.shape[1:]
    table = torch.tensor(
        [
            [(math.cos if f % 2 else math.sin)(t / 10000 ** ((f - f % 2) / features)) for f in range(features)]
            for t in range(steps)
        ]
    )
    return x + table


ACTIVATIONS = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "leakyRelu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "celu": F.celu,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "hardSigmoid": F.hardsigmoid,
    "silu": F.silu,
    "quickGelu": lambda x: x * torch.sigmoid(1.702 * x),
    "mish": F.mish,
    "hardSwish": F.hardswish,
    "relu6": F.relu6,
}

def draw(*shape, scale=1.0):
    """Of few digits, so that what is written is what was used."""
    return torch.round(torch.randn(shape) * scale, decimals=2)


torch.manual_seed(11)
image = draw(ROWS, 4, 6, 5)
signal = draw(ROWS, 4, 9)
features = draw(ROWS, 5)
sequence = draw(ROWS, 4, 8)
memory = draw(ROWS, 5, 8)
lengths = torch.tensor([4, 1, 3])
memory_mask = torch.tensor([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [1, 0, 0, 0, 0]], dtype=torch.bool)
ids = torch.tensor([[1, 4, 0, 0], [5, 5, 2, 0], [0, 3, 1, 1]])
wide = draw(ROWS, 3, 5, scale=4.0)
INPUTS = {
    **{"image": image, "signal": signal, "features": features, "sequence": sequence, "memory": memory},
    **{"lengths": lengths, "memory_mask": memory_mask, "ids": ids, "wide": wide},
}




CASES = [
    ("dense", nn.Linear(8, 5), {"x": sequence}),
    ("dense without bias", nn.Linear(5, 2, bias=False), {"x": features}),
    ("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=1), {"x": signal}),
    ("conv1d same", nn.Conv1d(4, 3, 4, padding="same", dilation=2), {"x": signal}),
    ("conv2d", nn.Conv2d(4, 5, 3, padding=1), {"x": image}),
    ("conv2d groups", nn.Conv2d(4, 6, (3, 2), stride=2, groups=2, bias=False), {"x": image}),
    ("conv2d strides", nn.Conv2d(4, 2, 3, stride=(2, 1), padding=(1, 2), dilation=(1, 2)), {"x": image}),
    ("depthwise", nn.Conv2d(4, 8, 3, padding=1, groups=4), {"x": image}),
    ("convTranspose1d", nn.ConvTranspose1d(4, 3, 3, stride=2, padding=1, output_padding=1), {"x": signal}),
    ("convTranspose2d", nn.ConvTranspose2d(4, 3, 2, stride=2), {"x": image}),
    ("convTranspose2d groups", nn.ConvTranspose2d(4, 6, 3, padding=1, groups=2, bias=False), {"x": image}),
    ("maxPool1d", nn.MaxPool1d(2), {"x": signal}),
    ("maxPool2d", nn.MaxPool2d(2), {"x": image}),
    ("maxPool2d overlapping", nn.MaxPool2d(3, stride=2, padding=1), {"x": image}),
    ("averagePool1d", nn.AvgPool1d(3, stride=2), {"x": signal}),
    ("averagePool2d", nn.AvgPool2d(3, stride=2, padding=1), {"x": image}),
    ("averagePool2d inside", nn.AvgPool2d(2, padding=1, count_include_pad=False), {"x": image}),
    ("globalAveragePool", Call(lambda x: x.mean((2, 3))), {"x": image}),
    ("globalMaxPool", Call(lambda x: x.amax((2, 3))), {"x": image}),
    ("batchNorm", nn.BatchNorm2d(4), {"x": image}),
    ("batchNorm of features", nn.BatchNorm1d(5, eps=1e-3, momentum=0.3), {"x": features}),
    ("layerNorm", nn.LayerNorm(8), {"x": sequence}),
    ("layerNorm of two axes", nn.LayerNorm((4, 8), eps=1e-3), {"x": sequence}),
    ("groupNorm", nn.GroupNorm(2, 4), {"x": image}),
    ("instanceNorm", nn.InstanceNorm2d(4), {"x": image}),
    ("instanceNorm affine", nn.InstanceNorm1d(4, affine=True), {"x": signal}),
    ("rmsNorm", nn.RMSNorm(8), {"x": sequence}),
    ("embedding", nn.Embedding(6, 3), {"ids": ids}),
    ("embedding with padding", nn.Embedding(6, 3, padding_idx=0), {"ids": ids}),
    ("sinusoidalPositions", Call(sinusoidal), {"x": sequence}),
    ("lstm", Recurrent(nn.LSTM, 8, 3), {"x": sequence}),
    ("lstm deep", Recurrent(nn.LSTM, 8, 3, num_layers=2, bidirectional=True), {"x": sequence}),
    ("lstm lengths", Recurrent(nn.LSTM, 8, 3, bidirectional=True), {"x": sequence, "lengths": lengths}),
    ("gru", Recurrent(nn.GRU, 8, 3), {"x": sequence}),
    ("gru deep", Recurrent(nn.GRU, 8, 3, num_layers=2, bidirectional=True), {"x": sequence}),
    ("gru lengths", Recurrent(nn.GRU, 8, 3, bidirectional=True), {"x": sequence, "lengths": lengths}),
    ("attention", Attention(8, 2), {"x": sequence}),
    ("attention causal", Attention(8, 4, causal=True), {"x": sequence}),
    ("attention lengths", Attention(8, 2, causal=True), {"x": sequence, "mask": lengths}),
    ("attention over memory", Attention(8, 2), {"x": sequence, "memory": memory, "mask": memory_mask}),
    ("encoder", Encoder(), {"x": sequence}),
    ("encoder norm first", Encoder(causal=True, norm_first=True, activation="gelu"), {"x": sequence, "mask": lengths}),
    ("decoder", Decoder(), {"x": sequence, "memory": memory}),
    (
        "decoder norm first",
        Decoder(norm_first=True, activation="gelu"),
        {"x": sequence, "memory": memory, "memoryMask": memory_mask},
    ),
    ("loraDense", Lora(), {"x": features}),
    ("prelu", nn.PReLU(), {"x": wide}),
    ("prelu per channel", nn.PReLU(4), {"x": image}),
    ("gatedLinearUnit", nn.GLU(), {"x": sequence}),
    *[(f"activation {name}", Call(function), {"x": wide}) for name, function in ACTIVATIONS.items()],
]


def randomize(module):
    """Away from special values: biases are not zero, scales not one."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(draw(*parameter.shape, scale=0.5))
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            module.weight[module.padding_idx] = 0
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(draw(*buffer.shape))
            if name.endswith("running_var"):
                buffer.copy_(draw(*buffer.shape).abs() + 0.5)


def outputs_of(module, inputs):
    result = module(**inputs) if not isinstance(module, Call) and len(inputs) > 1 else module(*inputs.values())
    return result if isinstance(result, dict) else {"y": result}


def states_of(module):
    return {name: b.clone() for name, b in module.named_buffers() if name.startswith("running")}


def write_case(name, module, inputs):
    randomize(module)
    parameters = module.named() if hasattr(module, "named") else dict(module.named_parameters())
    states = states_of(module)
    sources = {key: next(name for name, v in INPUTS.items() if v is value) for key, value in inputs.items()}
    case = {"name": name, "inputs": sources, "weights": tensors({**parameters, **states})}
    inference = outputs_of(module.eval(), inputs)
    case["inference"] = tensors(inference)
    leaves = {key: v.clone().requires_grad_() if v.dtype == torch.float32 else v for key, v in inputs.items()}
    outputs = outputs_of(module.train(), leaves)
    coefficients = {key: draw(*value.shape) for key, value in outputs.items()}
    loss = sum((coefficients[key] * value).sum() for key, value in outputs.items()) / ROWS
    loss.backward()
    gradients = {f"layer.{key}": value.grad for key, value in parameters.items()}
    shifts = {f"{key}.input_shift": v.grad.sum(0) for key, v in leaves.items() if v.dtype == torch.float32}
    if any(not torch.equal(value, inference[key]) for key, value in outputs.items()):
        case["training"] = tensors(outputs)
    case["coefficients"] = tensors(coefficients)
    case["gradients"] = tensors({**gradients, **shifts})
    case["updates"] = tensors(states_of(module))
    return case


fixture = {
    "provenance": f"PyTorch {torch.__version__}, by interop/python/write_layer_fixtures.py",
    "inputs": tensors(INPUTS),
    "cases": [write_case(*case) for case in CASES],
}
with open(sys.argv[1], "w") as file:
    json.dump(fixture, file, separators=(",", ":"))
    file.write("\n")
