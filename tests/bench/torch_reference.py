# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same training in PyTorch, for comparisons within one run: torch_reference.py MODEL BATCH WORLD SECONDS

Random data of the right shapes, ready beforehand, full steps (forward, backward, SGD with momentum 0.9), one thread a
process, DDP over gloo when WORLD > 1. Prints the samples a second of all processes together: the median over windows
after a warm-up. Refuses Debian's reference BLAS, which PyTorch uses where OpenBLAS is not installed: on it LeNet-300-100 is
18 times slower, and a comparison would say nothing.
"""
import itertools
import os
import statistics
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn


class Residual(nn.Module):
    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False), nn.BatchNorm2d(channels_out), nn.ReLU(),
            nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False), nn.BatchNorm2d(channels_out))
        same = stride == 1 and channels_in == channels_out
        self.skip = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 1, stride, bias=False), nn.BatchNorm2d(channels_out))

    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))


def build(name):
    if name == "lenet-300-100":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(),
                             nn.Linear(100, 10)), (1, 28, 28)
    if name == "lenet-5":
        return nn.Sequential(nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(),
                             nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)), (1, 28, 28)
    if name == "resnet-8":
        return nn.Sequential(nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), Residual(16, 16, 1),
                             Residual(16, 32, 2), Residual(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                             nn.Linear(64, 10)), (1, 28, 28)
    if name in ("mlp-24m", "mlp-25m"):  # the former for images of 28 x 28
        inputs = 784 if name == "mlp-24m" else 1024
        return nn.Sequential(nn.Linear(inputs, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1024),
                             nn.ReLU(), nn.Linear(1024, 10)), (inputs,)
    sys.exit(f"no model {name}")


def train(rank, world, name, batch, seconds):
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    torch.set_flush_denormal(True)
    if world > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29517", GLOO_SOCKET_IFNAME="lo")
        dist.init_process_group("gloo", rank=rank, world_size=world)
    model, shape = build(name)
    if world > 1:
        model = nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    batches = [(torch.randn(batch, *shape), torch.randint(0, 10, (batch,))) for _ in range(64)]
    turn = itertools.cycle(batches)

    def step():
        inputs, labels = next(turn)
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()

    for _ in range(3):
        step()
    begin = time.perf_counter()
    for _ in range(3):
        step()
    # The number of windows and steps is that of rank 0, so that all ranks leave together.
    per_window = torch.tensor([max(1, int(seconds / 10 / max(1e-6, (time.perf_counter() - begin) / 3)))])
    if world > 1:
        dist.broadcast(per_window, 0)
    rates = []
    for _ in range(10):
        begin = time.perf_counter()
        for _ in range(int(per_window)):
            step()
        rates.append(int(per_window) * batch * world / (time.perf_counter() - begin))
    if rank == 0:
        print(round(statistics.median(rates)), flush=True)


if __name__ == "__main__":
    with open("/proc/self/maps", encoding="ascii") as maps:
        if "openblas" not in maps.read():
            sys.exit("torch_reference.py: PyTorch found no OpenBLAS; apt-get install libopenblas0-pthread")
    model_name, batch_size, processes, duration = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    if processes == 1:
        train(0, 1, model_name, batch_size, duration)
    else:
        mp.spawn(train, args=(processes, model_name, batch_size, duration), nprocs=processes)
