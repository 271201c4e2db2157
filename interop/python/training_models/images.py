import torch
import torch.nn.functional as F
from torch import nn


def conv_norm(inputs, outputs, kernel=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)
    )


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = conv_norm(inputs, outputs, stride=stride)
        self.second = conv_norm(outputs, outputs)
        self.shortcut = conv_norm(inputs, outputs, 1, stride) if stride > 1 or inputs != outputs else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class ResNet18(nn.Module):
    """He et al., 2015: stem with max pool, four stages of two basic blocks; an eighth of the channels."""

    def __init__(self, classes=10):
        super().__init__()
        self.stem = conv_norm(3, 8, 7, 2)
        self.pool = nn.MaxPool2d(3, 2, 1)
        widths = [8, 8, 16, 32, 64]
        self.stages = nn.Sequential(
            *[
                nn.Sequential(BasicBlock(a, b, 1 if a == b else 2), BasicBlock(b, b, 1))
                for a, b in zip(widths, widths[1:])
            ]
        )
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        h = self.stages(self.pool(F.relu(self.stem(x))))
        return self.head(F.adaptive_avg_pool2d(h, 1).flatten(1))


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 4, 1)
        self.expand = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        gate = self.expand(F.relu(self.reduce(x.mean((2, 3), keepdim=True))))
        return x * F.hardsigmoid(gate)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, activation):
        super().__init__()
        hidden = inputs * 3
        self.expand = nn.Sequential(conv_norm(inputs, hidden, 1), activation())
        self.depthwise = nn.Sequential(conv_norm(hidden, hidden, 3, stride, groups=hidden), activation())
        self.excite = SqueezeExcite(hidden)
        self.project = conv_norm(hidden, outputs, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.project(self.excite(self.depthwise(self.expand(x))))
        return x + y if self.is_residual else y


class MobileNet(nn.Module):
    """Howard et al., 2019: inverted residuals, depthwise convolutions, squeeze and excite, ReLU6 and hard swish."""

    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 8, 3, 2), nn.Hardswish())
        self.blocks = nn.Sequential(
            InvertedResidual(8, 8, 1, nn.ReLU6),
            InvertedResidual(8, 16, 2, nn.ReLU6),
            InvertedResidual(16, 16, 1, nn.Hardswish),
        )
        self.head = nn.Sequential(nn.Linear(16, 32), nn.Hardswish(), nn.Dropout(0.0), nn.Linear(32, classes))

    def forward(self, x):
        return self.head(F.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1).flatten(1))


class Vgg(nn.Module):
    """Simonyan and Zisserman, 2014."""

    def __init__(self, classes=10):
        super().__init__()
        layers = []
        for inputs, outputs in [(3, 8), (8, 16), (16, 32)]:
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
            layers += [nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(512, 48), nn.ReLU(), nn.Dropout(0.0), nn.Linear(48, classes)
        )

    def forward(self, x):
        return self.classifier(self.features(x))


def double_conv(inputs, outputs):
    return nn.Sequential(conv_norm(inputs, outputs), nn.ReLU(), conv_norm(outputs, outputs), nn.ReLU())


class UNet(nn.Module):
    """Ronneberger et al., 2015: down, up through transposed convolutions, joined with what was seen on the way down."""

    def __init__(self, classes=4):
        super().__init__()
        self.down1, self.down2, self.bottom = double_conv(3, 8), double_conv(8, 16), double_conv(16, 24)
        self.up2, self.join2 = nn.ConvTranspose2d(24, 16, 2, 2), double_conv(32, 16)
        self.up1, self.join1 = nn.ConvTranspose2d(16, 8, 2, 2), double_conv(16, 8)
        self.head = nn.Conv2d(8, classes, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.bottom(F.max_pool2d(b, 2))
        b = self.join2(torch.cat([b, self.up2(c)], 1))
        a = self.join1(torch.cat([a, self.up1(b)], 1))
        return self.head(a)


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.LeakyReLU(0.1), nn.Conv2d(8, 16, 3, 2, 1), nn.ELU(), nn.Flatten(), nn.Linear(256, 12)
        )
        self.decoder = nn.Sequential(
            nn.Linear(12, 256),
            nn.Unflatten(1, (16, 4, 4)),
            nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1),
            nn.PReLU(8),
            nn.ConvTranspose2d(8, 1, 4, 2, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class GroupNormNet(nn.Module):
    """What diffusion networks are made of: group norm, SiLU, average pools, upsampling."""

    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.norm1, self.conv1 = nn.GroupNorm(4, 16), nn.Conv2d(16, 16, 3, padding=1)
        self.norm2, self.conv2 = nn.InstanceNorm2d(16, affine=True), nn.Conv2d(16, 16, 3, padding=1)
        self.head = nn.Linear(16, classes)

    def forward(self, x):
        h = self.stem(x)
        h = h + self.conv1(F.silu(self.norm1(h)))
        low = F.avg_pool2d(h, 2)
        low = low + self.conv2(F.mish(self.norm2(low)))
        h = h + F.interpolate(low, scale_factor=2, mode="bilinear") + F.interpolate(low, scale_factor=2, mode="nearest")
        return self.head(h.mean((2, 3)))


class DenseNet(nn.Module):
    """Huang et al., 2016: each layer sees all before it; dilated and grouped convolutions, average and global max pools."""

    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(8 + 4 * i), nn.ReLU(), nn.Conv2d(8 + 4 * i, 4, 3, padding=i + 1, dilation=i + 1, groups=4))
            for i in range(3)
        )
        self.transition = nn.Sequential(nn.BatchNorm2d(20), nn.Softplus(), nn.AvgPool2d(3, 2, 1))
        self.head = nn.Linear(20, classes)

    def forward(self, x):
        h = self.stem(x)
        for layer in self.layers:
            h = torch.cat([h, layer(h)], 1)
        return self.head(torch.tanh(F.adaptive_max_pool2d(self.transition(h), 1)).flatten(1))
