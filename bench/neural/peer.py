"""The networks of architectures.mjs in PyTorch. Started for one case and number of threads; answers requests, a line of JSON each."""
import json
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

TYPES = {"F32": np.float32, "I64": np.int64}


def read_tensors(path):
    data = open(path, "rb").read()
    header_bytes = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + header_bytes])
    tensors = {}
    for name, about in header.items():
        begin, end = (8 + header_bytes + offset for offset in about["data_offsets"])
        values = np.frombuffer(data[begin:end], TYPES[about["dtype"]]).reshape(about["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(128, 512), nn.Linear(512, 512), nn.Linear(512, 512)
        self.head = nn.Linear(512, 10)

    def forward(self, features):
        return self.head(F.relu(self.fc3(F.relu(self.fc2(F.relu(self.fc1(features)))))))


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.fc, self.head = nn.Linear(64 * 12 * 12, 128), nn.Linear(128, 10)

    def forward(self, image):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(image)))), 2)
        return self.head(F.relu(self.fc(x.flatten(1))))


class Unit(nn.Module):
    def __init__(self, inputs, channels, stride, kernel=3):
        super().__init__()
        self.conv = nn.Conv2d(inputs, channels, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.norm(self.conv(x))


class Block(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.first, self.second = Unit(inputs, channels, stride), Unit(channels, channels, 1)
        self.shortcut = nn.Identity() if stride == 1 else Unit(inputs, channels, stride, 1)

    def forward(self, x):
        return F.relu(self.shortcut(x) + self.second(F.relu(self.first(x))))


class Resnet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Unit(3, 16, 1)
        self.block1, self.block2, self.block3 = Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)
        self.head = nn.Linear(64, 10)

    def forward(self, image):
        x = self.block3(self.block2(self.block1(F.relu(self.stem(image)))))
        return self.head(x.mean((2, 3)))


class Positions(nn.Module):
    def __init__(self, steps, size):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(steps, size))

    def forward(self, x):
        return x + self.weight


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(8000, 256), Positions(64, 256)
        layer = lambda: nn.TransformerEncoderLayer(256, 4, 1024, 0.0, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.ModuleList(layer() for _ in range(4))
        self.norm, self.head = nn.LayerNorm(256), nn.Linear(256, 10)

    def forward(self, words):
        x = self.positions(self.words(words))
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x).mean(1))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(28, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, series):
        return self.head(self.lstm(series)[1][0][-1])


CASES = {"mlp": Mlp, "cnn": Cnn, "resnet": Resnet, "transformer": Transformer, "lstm": Lstm}


def take_steps(model, optimizer, batch, labels, steps):
    model.train()
    loss = None
    for _ in range(steps):
        optimizer.zero_grad()
        result = F.cross_entropy(model(batch), labels)
        result.backward()
        optimizer.step()
        loss = result.item()
    return loss


def infer(model, batch, steps):
    model.eval()
    with torch.inference_mode():
        for _ in range(steps):
            scores = model(batch)
    return scores[0, 0].item()


def relative(ours, theirs):
    return ((ours - theirs).abs().max() / theirs.abs().max().clamp(min=1e-12)).item()


def compare(model, batch, labels, ours):
    """Largest relative differences of the outputs in inference, of the loss, and of each parameter's gradient."""
    model.eval()
    with torch.inference_mode():
        scores = model(batch)
    model.train()
    # Batch statistics of the comparison must not stay in the running ones.
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    loss = F.cross_entropy(model(batch), labels)
    model.zero_grad()
    loss.backward()
    gradients = {name: relative(ours[f"gradient:{name}"], p.grad) for name, p in model.named_parameters()}
    model.load_state_dict(kept)
    worst = max(gradients, key=gradients.get)
    return {
        "outputs": relative(ours["logits"], scores),
        "loss": relative(ours["loss"], loss.detach()),
        "gradients": gradients[worst],
        "worst": worst,
    }


def main(case, threads, folder):
    torch.set_num_threads(int(threads))
    tensors = read_tensors(f"{folder}/{case}.safetensors")
    fields = {name[6:]: value for name, value in tensors.items() if name.startswith("field:")}
    labels = fields.pop("label")
    (batch,) = fields.values()
    model = CASES[case]()
    weights = {name: value for name, value in tensors.items() if not name.startswith("field:")}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise SystemExit(f"{case}: weights differ: {missing} are missing, {unexpected} unknown")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["kind"] == "compare":
            print(json.dumps(compare(model, batch, labels, read_tensors(request["path"]))), flush=True)
            continue
        began, cpu_began = time.perf_counter(), time.process_time()
        if request["kind"] == "train":
            take_steps(model, optimizer, batch, labels, request["steps"])
        else:
            infer(model, batch, request["steps"])
        took = {"ms": time.perf_counter() - began, "cpuMs": time.process_time() - cpu_began}
        print(json.dumps({name: seconds * 1000 / request["steps"] for name, seconds in took.items()}), flush=True)


main(*sys.argv[1:])
