# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The churn case: every two seconds a worker of an elastic run leaves, is killed, or joins. In the end the run has
# learned what one without churn has, and engine and survivor hold no more than they did at the beginning.
import os
import random
import signal
import statistics
import time

from programs import Failure, has_ended, pids, until

EVERY_SECONDS = 2
WARM_SECONDS = 44
FEWEST, MOST, FIRST = 2, 8, 4
LOSS_SHARE = 0.02      # of the reference's, either way
DESCRIPTORS = THREADS = 4  # more than at the beginning: one or two are on their way at any moment
# What is measured of each worker that joins stays in the engine's memory for as long as the run goes: so much for each.
SEAT_BYTES = 512 << 10
SLACK_BYTES = 24 << 20     # of the allocator
END_SECONDS = 900


def experiment(name, **training):
    # So slow that what is learned depends on the number of steps, and hardly on how many workers made each.
    return {"name": name, "seed": 7, "dataset": {"kind": "fashion-mnist"}, "model": {"kind": "lenet-300-100"},
            "optimizer": {"kind": "sgd", "learning_rate": 0.002},
            "training": {"batch_size": 32, "epochs": 100000, "evaluate_every_epochs": 0, **training},
            "exchange": {"kind": "all-reduce"}, "workers": [{"launcher": "local", "count": FIRST}]}


def holdings(pid):
    """Descriptors, threads and resident bytes of a process; None if it has ended."""
    try:
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        with open(f"/proc/{pid}/status") as status:
            lines = dict(line.split(":", 1) for line in status if ":" in line)
        return descriptors, int(lines["Threads"]), int(lines["VmRSS"].split()[0]) * 1024
    except (OSError, KeyError):
        return None


def at_rest(home, run, size):
    """Waits until so many workers train together, and a few steps more."""
    def train():
        shown = home.show(run)
        if has_ended(shown):
            raise Failure(f"run {run} is {shown['state']}: {shown['error'][:300]}")
        running = [w for w in shown["workers"] if w["state"] == "running"]
        return shown if len(running) == size == shown["spec"]["mesh"]["data"] else None
    steps = until(train, f"{size} workers of run {run} to train")[0]["steps"]
    return until(lambda: (lambda r: r if r and r["steps"] > steps + 20 else None)(train()),
                 f"run {run} to make steps")[0]


def measured(home, run, survivor):
    """Medians over a second, of a group at rest."""
    engine, samples = home.engine_pid(), {"engine": [], "survivor": []}
    for _ in range(5):
        for name, pid in (("engine", engine), ("survivor", survivor)):
            found = holdings(pid)
            if found is None:
                raise Failure(f"the {name} of run {run} is gone")
            samples[name].append(found)
        time.sleep(0.2)
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in samples.items()}


def bring_to(home, run, size):
    """By requests, until the group is of that size."""
    deadline = time.monotonic() + 60
    while True:
        shown = home.show(run)
        now = shown["spec"]["mesh"]["data"]
        if now == size or time.monotonic() > deadline:
            return at_rest(home, run, size)
        home.ctl("workers", "add" if now < size else "remove", run, str(abs(size - now)))
        time.sleep(EVERY_SECONDS)


def change(home, run, rng, survivor, counts):
    """One worker more or less, within the bounds; a third of those that go are killed."""
    shown = home.show(run)
    if has_ended(shown):
        raise Failure(f"after {counts} run {run} is {shown['state']}: {shown['error'][:300]}")
    running = [w["pid"] for w in shown["workers"] if w["state"] == "running" and w.get("pid")]
    size = shown["spec"]["mesh"]["data"]
    others = [pid for pid in running if pid != survivor]
    joins = size <= FEWEST or (size < MOST and rng.random() < 0.5)
    # One that was asked to leave may not have left yet.
    if not joins and rng.random() < 0.4 and len(running) > FEWEST + 1:
        counts["killed"] += home.signal(rng.choice(others), signal.SIGKILL)
    else:
        code, _ = home.ctl("workers", "add" if joins else "remove", run, "1")
        counts["joined" if joins else "left"] += code == 0
        counts["refused"] += code != 0
    return pids(shown)


def workers_come_and_go(home, seed, seconds):
    rng = random.Random(seed)
    elastic = {"min_workers": FEWEST, "max_workers": MOST}
    run = home.begin({**experiment(f"churn {seed}", max_steps=100000000), "elastic": elastic})
    home.trains(run, 1)
    survivor = at_rest(home, run, FIRST)["workers"][0]["pid"]
    counts = {"joined": 0, "left": 0, "killed": 0, "refused": 0}
    seen = set()
    # What comes with the first changes and the first flush of the store (every 30 s) is no growth: in an engine whose
    # run nothing happens to, 26 MiB.
    for _ in range(WARM_SECONDS // EVERY_SECONDS):
        seen.update(change(home, run, rng, survivor, counts))
        time.sleep(EVERY_SECONDS)
    counts = dict.fromkeys(counts, 0)
    seen.update(pids(bring_to(home, run, FIRST)))
    before = measured(home, run, survivor)
    begun = time.monotonic()
    ticks = 0
    while time.monotonic() - begun < seconds:
        seen.update(change(home, run, rng, survivor, counts))
        ticks += 1
        time.sleep(max(0, begun + ticks * EVERY_SECONDS - time.monotonic()))
    shown = bring_to(home, run, FIRST)
    seen.update(pids(shown))
    after = measured(home, run, survivor)
    code, said = home.ctl("stop", run)
    if code != 0:
        raise Failure(f"stop: {said}")
    shown = home.ends(run, 60)
    if shown["state"] != "stopped":
        raise Failure(f"in the end it is {shown['state']}: {shown['error'][:300]}")
    if left := home.orphans(seen, 10):
        raise Failure(f"processes {left} of run {run} were left over")

    figures = {"group": f"{seconds} s", "joined": counts["joined"] + 0.0, "left": counts["left"] + 0.0,
               "killed": counts["killed"] + 0.0, "refused": counts["refused"] + 0.0,
               "groups": float(len(home.events(run, "group"))), "steps": float(shown["steps"])}
    names = ("descriptors", "threads", "MiB")
    for who in ("engine", "survivor"):
        for name, old, new in zip(names, before[who], after[who]):
            figures[f"{who}: {name} more"] = (new - old) / (1 << 20) if name == "MiB" else float(new - old)
    bounds = (DESCRIPTORS, THREADS, SLACK_BYTES + SEAT_BYTES * counts["joined"])
    for who in ("engine", "survivor"):
        for name, old, new, bound in zip(names, before[who], after[who], bounds):
            if new > old + bound:
                raise Failure(f"the {who} grew, {name}: from {old:.0f} to {new:.0f}; {figures}")
    if counts["joined"] + counts["left"] + counts["killed"] < 0.7 * ticks:
        raise Failure(f"too few of {ticks} changes came through: {counts}")

    quiet = home.ends(home.begin(experiment(f"no churn {seed}", max_steps=shown["steps"])), END_SECONDS)
    if quiet["state"] != "finished":
        raise Failure(f"the reference is {quiet['state']}: {quiet['error'][:300]}")
    figures["test loss, ratio"] = shown["test_loss"] / quiet["test_loss"]
    if abs(figures["test loss, ratio"] - 1) > LOSS_SHARE:
        raise Failure(f"test loss {shown['test_loss']:.4f}, without churn {quiet['test_loss']:.4f}; {figures}")
    return figures
