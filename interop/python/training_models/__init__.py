"""Networks in plain PyTorch with random weights: small sizes of the architectures that people export."""

from dataclasses import dataclass
from typing import Callable

import torch
from torch import nn

from . import images, sequences, tokens


@dataclass(frozen=True)
class Case:
    """A network, how a batch of inputs and targets is drawn, and its loss: 'crossEntropy' or 'meanSquares'."""

    name: str
    build: Callable[[], nn.Module]
    batch: Callable[[int], tuple[torch.Tensor, torch.Tensor]]
    loss: str
    learning_rate: float


def classes(shape, count):
    return lambda size: (torch.randn(size, *shape), torch.randint(count, (size,)))


def ids(length, vocabulary, count):
    return lambda size: (torch.randint(vocabulary, (size, length)), torch.randint(count, (size,)))


def next_ids(length, vocabulary):
    def draw(size):
        text = torch.randint(vocabulary, (size, length + 1))
        return text[:, :-1].contiguous(), text[:, 1:].contiguous()

    return draw


def pixels(channels, edge, count):
    return lambda size: (torch.randn(size, channels, edge, edge), torch.randint(count, (size, edge, edge)))


def themselves(channels, edge):
    def draw(size):
        image = torch.rand(size, channels, edge, edge)
        return image, image

    return draw


def series(length, width, outputs):
    return lambda size: (torch.randn(size, length, width), torch.randn(size, outputs))


CASES = [
    Case("resnet", images.ResNet18, classes((3, 48, 48), 10), "crossEntropy", 0.002),
    Case("mobilenet", images.MobileNet, classes((3, 32, 32), 10), "crossEntropy", 0.05),
    Case("vgg", images.Vgg, classes((3, 32, 32), 10), "crossEntropy", 0.01),
    Case("unet", images.UNet, pixels(3, 16, 4), "crossEntropy", 0.05),
    Case("autoencoder", images.AutoEncoder, themselves(1, 16), "meanSquares", 0.1),
    Case("groupnorm", images.GroupNormNet, classes((3, 16, 16), 10), "crossEntropy", 0.05),
    Case("densenet", images.DenseNet, classes((3, 16, 16), 10), "crossEntropy", 0.05),
    Case("vit", tokens.VisionTransformer, classes((3, 16, 16), 10), "crossEntropy", 0.05),
    Case("mixer", tokens.Mixer, classes((3, 16, 16), 10), "crossEntropy", 0.05),
    Case("bert", tokens.Bert, ids(12, 50, 5), "crossEntropy", 0.05),
    Case("gpt", tokens.Gpt, next_ids(12, 40), "crossEntropy", 0.05),
    Case("transformer", tokens.Transformer, ids(10, 50, 5), "crossEntropy", 0.05),
    Case("lstm", sequences.LstmClassifier, ids(9, 50, 5), "crossEntropy", 0.1),
    Case("gru", sequences.GruRegressor, series(9, 6, 2), "meanSquares", 0.05),
    Case("elman", sequences.ElmanRegressor, series(7, 6, 2), "meanSquares", 0.05),
    Case("textcnn", sequences.TextCnn, ids(16, 50, 5), "crossEntropy", 0.1),
]
