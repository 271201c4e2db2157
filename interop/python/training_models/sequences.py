import torch
import torch.nn.functional as F
from torch import nn


class LstmClassifier(nn.Module):
    """Two layers, both directions."""

    def __init__(self, vocabulary=50, classes=5):
        super().__init__()
        self.words = nn.Embedding(vocabulary, 12)
        self.lstm = nn.LSTM(12, 10, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(20, classes)

    def forward(self, ids):
        h, _ = self.lstm(self.words(ids))
        return self.head(h.mean(1))


class GruRegressor(nn.Module):
    """The last hidden state, from a learned first one."""

    def __init__(self, width=6, outputs=2):
        super().__init__()
        self.start = nn.Parameter(torch.randn(1, 1, 10) * 0.5)
        self.gru = nn.GRU(width, 10, batch_first=True)
        self.head = nn.Linear(10, outputs)

    def forward(self, x):
        _, last = self.gru(x, self.start.expand(-1, x.shape[0], -1).contiguous())
        return self.head(last[0])


class ElmanRegressor(nn.Module):
    def __init__(self, width=6, outputs=2):
        super().__init__()
        self.rnn = nn.RNN(width, 10, batch_first=True, bidirectional=True)
        self.head = nn.Linear(20, outputs)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.head(h[:, -1])


class TextCnn(nn.Module):
    """Kim, 2014: convolutions of several widths over words, the largest value of each over time."""

    def __init__(self, vocabulary=50, classes=5):
        super().__init__()
        self.words = nn.Embedding(vocabulary, 12)
        self.convs = nn.ModuleList(nn.Conv1d(12, 8, width) for width in (3, 4, 5))
        self.head = nn.Sequential(nn.Dropout(0.0), nn.Linear(24, classes))

    def forward(self, ids):
        h = self.words(ids).transpose(1, 2)
        return self.head(torch.cat([F.relu(conv(h)).amax(2) for conv in self.convs], 1))
