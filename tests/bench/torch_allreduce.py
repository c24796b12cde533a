# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch's all-reduce over gloo between processes of this machine: torch_allreduce.py WORLD

Prints bytes and the median time of one call in ms, of 30 calls (8 for more than 8 MiB).
"""
import os
import statistics
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

SIZES_BYTES = (64 << 10, 1 << 20, 16 << 20, 100 << 20)


def measure(rank, world):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29534", GLOO_SOCKET_IFNAME="lo")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=world)
    for size in SIZES_BYTES:
        values = torch.ones(size // 4)
        times = []
        for _ in range(32 if size <= 8 << 20 else 10):
            dist.barrier()
            begin = time.perf_counter()
            dist.all_reduce(values)
            times.append(time.perf_counter() - begin)
            values.fill_(1.0)
        if rank == 0:
            print(f"gloo {size:>10} bytes {statistics.median(times[2:]) * 1e3:10.3f} ms", flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    processes = int(sys.argv[1])
    mp.spawn(measure, args=(processes,), nprocs=processes)
