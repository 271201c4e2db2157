import math

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """Vaswani et al., 2017, written out."""

    def __init__(self, width, heads, is_causal=False):
        super().__init__()
        self.heads, self.is_causal = heads, is_causal
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, mask=None):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        if self.is_causal:
            future = torch.triu(torch.ones(length, length, dtype=torch.bool), 1)
            scores = scores.masked_fill(future, float("-inf"))
        if mask is not None:
            scores = scores.masked_fill(mask[:, None, None, :], -1e9)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads, activation, is_causal=False):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads, is_causal)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), activation, nn.Dropout(0.0), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """Dosovitskiy et al., 2020."""

    def __init__(self, classes=10, width=24):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.places = nn.Parameter(torch.randn(1, 17, width) * 0.02)
        self.blocks = nn.Sequential(*[Block(width, 4, nn.GELU()) for _ in range(2)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        h = self.patches(x).flatten(2).transpose(1, 2)
        h = torch.cat([self.token.expand(h.shape[0], -1, -1), h], 1) + self.places
        return self.head(self.norm(self.blocks(h))[:, 0])


class MixerBlock(nn.Module):
    def __init__(self, places, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.places = nn.Sequential(nn.Linear(places, 32), nn.GELU(), nn.Linear(32, places))
        self.channels = nn.Sequential(nn.Linear(width, 48), nn.GELU(), nn.Linear(48, width))

    def forward(self, x):
        x = x + self.places(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norm2(x))


class Mixer(nn.Module):
    """Tolstikhin et al., 2021."""

    def __init__(self, classes=10, width=24):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, 4)
        self.blocks = nn.Sequential(MixerBlock(16, width), MixerBlock(16, width))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        h = self.patches(x).flatten(2).transpose(1, 2)
        return self.head(self.norm(self.blocks(h)).mean(1))


class Bert(nn.Module):
    """Devlin et al., 2018: norms behind the sums, a mask over padding (token 0), a pooler with tanh."""

    def __init__(self, vocabulary=50, classes=5, width=24, length=12):
        super().__init__()
        self.words, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.attentions = nn.ModuleList(Attention(width, 4) for _ in range(2))
        self.norms1 = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.mlps = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 48), nn.GELU(), nn.Linear(48, width), nn.Dropout(0.0)) for _ in range(2)
        )
        self.norms2 = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.pooler, self.head = nn.Linear(width, width), nn.Linear(width, classes)

    def forward(self, ids):
        mask = ids == 0
        h = self.norm(self.words(ids) + self.places(torch.arange(ids.shape[1])))
        for attention, norm1, mlp, norm2 in zip(self.attentions, self.norms1, self.mlps, self.norms2):
            h = norm1(h + attention(h, mask))
            h = norm2(h + mlp(h))
        return self.head(torch.tanh(self.pooler(h[:, 0])))


class Gpt(nn.Module):
    """Radford et al., 2019: causal attention, GELU by tanh, the embedding is the output layer too."""

    def __init__(self, vocabulary=40, width=24, length=12):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.randn(length, width) * 0.1)
        self.blocks = nn.Sequential(*[Block(width, 4, nn.GELU(approximate="tanh"), True) for _ in range(2)])
        self.norm = nn.LayerNorm(width)

    def forward(self, ids):
        h = self.norm(self.blocks(self.words(ids) + self.places))
        return F.linear(h, self.words.weight).transpose(1, 2)


class Transformer(nn.Module):
    """PyTorch's own layers: an encoder, and a decoder whose queries are learned."""

    def __init__(self, vocabulary=50, classes=5, width=24):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        layer = nn.TransformerEncoderLayer(width, 4, 48, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.query = nn.Parameter(torch.randn(1, 2, width) * 0.5)
        self.attention = nn.MultiheadAttention(width, 3, batch_first=True)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, ids):
        h = self.encoder(self.words(ids))
        pooled, _ = self.attention(self.query.expand(h.shape[0], -1, -1), h, h, need_weights=False)
        return self.head(pooled.flatten(1))
