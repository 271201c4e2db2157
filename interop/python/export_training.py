"""Exports networks to ONNX together with what PyTorch makes of them: outputs, loss, gradients, one epoch of SGD.

Usage: export_training.py FOLDER EXPORTER [NAME...]. EXPORTER is torchscript or dynamo. Writes FOLDER/NAME.onnx and
FOLDER/NAME.bin (tensors one after the other) and prints JSON: for each network its loss, the losses of the epoch, and where
each tensor lies.
"""

import contextlib
import json
import os
import sys
import warnings

import torch
import torch.nn.functional as F

from training_models import CASES

STEPS = 20
BATCH = 8
OPSETS = {"torchscript": 17, "dynamo": 20}

warnings.filterwarnings("ignore")


def loss_of(case, output, target):
    return F.cross_entropy(output, target) if case.loss == "crossEntropy" else F.mse_loss(output, target)


def build(case):
    """In training mode, with every parameter moved off its initial value: no two are equal, none is zero."""
    torch.manual_seed(7)
    model = case.build().train()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    return model


def in_double(case, state, x, y):
    """Gradients without the noise of single precision."""
    torch.manual_seed(7)
    model = case.build().train()
    model.load_state_dict(state)
    model = model.double()
    real = lambda tensor: tensor.double() if tensor.is_floating_point() else tensor
    loss = loss_of(case, model(real(x)), real(y))
    loss.backward()
    return {name: parameter.grad.float() for name, parameter in model.named_parameters()}


def export(case, model, x, path, exporter):
    options = dict(input_names=["x"], output_names=["output"], opset_version=OPSETS[exporter], do_constant_folding=False)
    if exporter == "dynamo":
        torch.onnx.export(model, (x,), path, dynamo=True, optimize=False, external_data=False, verbose=False, **options)
    else:
        torch.onnx.export(model, (x,), path, dynamo=False, training=torch.onnx.TrainingMode.TRAINING, **options)


def run(case, folder, exporter):
    model = build(case)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(11)
    batches = [case.batch(BATCH) for _ in range(STEPS)]
    x, y = batches[0]
    export(case, model, x, os.path.join(folder, f"{case.name}.onnx"), exporter)
    model.load_state_dict(state)

    output = model(x)
    tensors = {"output": output.detach(), "x": torch.stack([b[0] for b in batches]), "y": torch.stack([b[1] for b in batches])}
    exact = in_double(case, state, x, y)
    for name, parameter in model.named_parameters():
        tensors[f"parameter:{name}"] = parameter.detach().clone()
        tensors[f"gradient:{name}"] = exact[name]
    losses = epoch(case, model, batches)
    return {
        "name": case.name,
        "loss": case.loss,
        "learningRate": case.learning_rate,
        "losses": losses,
        "tensors": write(tensors, os.path.join(folder, f"{case.name}.bin")),
    }


def epoch(case, model, batches):
    optimizer = torch.optim.SGD(model.parameters(), lr=case.learning_rate)
    losses = []
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_of(case, model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def write(tensors, path):
    places, offset = {}, 0
    with open(path, "wb") as file:
        for name, tensor in tensors.items():
            data = tensor.contiguous().numpy().tobytes()
            file.write(data)
            file.write(b"\0" * (-len(data) % 8))
            places[name] = {"type": str(tensor.dtype).split(".")[1], "shape": list(tensor.shape), "offset": offset, "bytes": len(data)}
            offset += len(data) + -len(data) % 8
    return places


def main():
    folder, exporter, *names = sys.argv[1:]
    torch.set_num_threads(1)
    wanted = [case for case in CASES if not names or case.name in names]
    # Exporters print their progress.
    with contextlib.redirect_stdout(sys.stderr):
        results = [run(case, folder, exporter) for case in wanted]
    print(json.dumps(results))


main()
