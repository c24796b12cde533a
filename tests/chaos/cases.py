# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The chaos cases. Each is one function of (home, seed): whatever is random in it is drawn from the seed, so that the
# seed replays it. They give figures for the table, or raise Failure.
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time

from programs import Failure, has_ended, pids, strategies, until

END_SECONDS = 240  # of a run that goes on
references = {}    # of strategies, on the home that runs them


def reference(home, title, spec):
    """Digest and seconds of the run that nothing happens to."""
    if (home.path, title) not in references:
        shown = home.ends(home.begin(spec), END_SECONDS)
        if shown["state"] != "finished":
            raise Failure(f"{title}: the reference is {shown['state']}: {shown['error']}")
        references[home.path, title] = shown["parameters_sha256"], max(1.0, shown["seconds"])
    return references[home.path, title]


def chosen(seed):
    all_of_them = strategies()
    return all_of_them[seed % len(all_of_them)]


def worker_killed(home, seed):
    """kill -9 of a random worker at a random instant."""
    title, spec, bits = chosen(seed)
    rng = random.Random(seed)
    digest, seconds = reference(home, title, spec)
    by_itself = rng.random() < 0.5
    if by_itself:
        spec["training"]["resume_after_failure"] = 1
    run = home.begin(spec)
    shown = home.trains(run, 1)
    time.sleep(rng.uniform(0, 0.8 * seconds))
    shown = home.show(run)
    if has_ended(shown):
        return {"group": title, "ended before": 1}
    victim = rng.randrange(len(shown["workers"]))
    alive = pids(shown)
    if not home.signal(shown["workers"][victim]["pid"], signal.SIGKILL):
        return {"group": title, "ended before": 1}

    def noticed():
        now = home.show(run)
        if has_ended(now) or now["attempt"] > 1:
            return now
        return now if any(e["details"]["rank"] == victim for e in home.events(run, "worker-lost")) else None

    figures = {"group": title}
    shown, figures["noticed, s"] = until(noticed, f"anybody to notice that rank {victim} of run {run} is dead", 30)
    went_on = not has_ended(shown) and shown["attempt"] == 1
    if went_on or (shown["state"] == "finished" and shown["attempt"] == 1):
        figures["went on"] = 1
    else:
        if shown["state"] == "failed" and f"rank {victim}" not in shown["error"]:
            raise Failure(f"the wrong one is blamed, not rank {victim}: {shown['error'][:200]}")
        left = home.orphans([pid for pid in alive if shown["state"] == "failed"], 10)
        if left:
            raise Failure(f"processes {left} of run {run} were left over")
        if has_ended(shown) and shown["state"] == "failed":
            if not shown["last_checkpoint_step"]:
                return {**figures, "failed clearly": 1}
            code, said = home.ctl("resume", run)
            if code != 0:
                raise Failure(f"resume: {said}")
        shown, more = until(lambda: (lambda r: r if r["state"] in ("running", "finished") and r["attempt"] > 1
                                     else None)(home.show(run)), f"run {run} to train again", 60)
        figures["resumed, s"] = figures["noticed, s"] + more
        alive = pids(shown)
    shown = home.ends(run, END_SECONDS)
    if shown["state"] != "finished":
        raise Failure(f"in the end it is {shown['state']}: {shown['error'][:300]}")
    if crashed := home.crashes(run, victim):
        raise Failure(f"survivors crashed: {crashed}")
    if left := home.orphans(alive, 10):
        raise Failure(f"processes {left} of run {run} were left over")
    if bits and "went on" not in figures:
        if shown["parameters_sha256"] != digest:
            raise Failure(f"{title}: other parameters than the reference's after a resume")
        figures["same bits"] = 1
    return figures


def wait_for_write(home, run, rng):
    """Until a checkpoint or the database is being written, as far as the file system tells; at most 3 s."""
    checkpoints = os.path.join(home.path, "runs", run, "checkpoints")
    is_checkpoint = rng.random() < 0.5

    def seen():
        if is_checkpoint:
            return set(os.listdir(checkpoints)) if os.path.isdir(checkpoints) else set()
        return {(name, os.stat(os.path.join(home.path, name)).st_mtime_ns) for name in os.listdir(home.path)
                if name.endswith("-wal")}

    before, deadline = seen(), time.monotonic() + 3
    while time.monotonic() < deadline:
        if seen() != before:
            return "a checkpoint" if is_checkpoint else "a commit"
    return "nothing"


def integrity(home):
    """What SQLite says of a copy of the database, its log included."""
    names = [name for name in os.listdir(home.path) if ".db" in name or ".sqlite" in name]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            shutil.copy(os.path.join(home.path, name), folder)
        for name in names:
            if name.endswith((".db", ".sqlite")):
                said = sqlite3.connect(os.path.join(folder, name)).execute("PRAGMA integrity_check").fetchall()
                if said != [("ok",)]:
                    raise Failure(f"{name}: {said[:3]}")
    return bool(names)


def engine_killed(home, seed):
    """kill -9 of the engine, half of the times while something is written; half of the times its workers outlive it."""
    return engine_outlived(home, seed) if seed % 2 else engine_killed_with_workers(home, seed)


def engine_outlived(home, seed):
    """The next engine finds the workers: the run goes on with the same processes, each step told once, same bits."""
    rng = random.Random(seed)
    titles = ("all-reduce, ring", "all-reduce, top-k", "server, sync", "local-sgd", "zero", "gossip",
              "2 x 2, data and pipeline")
    all_of_them = [each for each in strategies() if each[0] in titles]
    title, spec, bits = all_of_them[seed // 2 % len(all_of_them)]
    spec["training"]["checkpoint_every_steps"] = 50
    digest, seconds = reference(home, title, spec)
    run = home.begin(spec)
    alive = pids(home.trains(run, 1))
    time.sleep(rng.uniform(0, 0.5 * seconds))
    during = wait_for_write(home, run, rng) if rng.random() < 0.5 else "any moment"
    figures = {"group": f"outlived, {title}, during {during}"}
    if has_ended(home.show(run)):
        return {**figures, "ended before": 1}
    engine = home.engine_pid()
    if not home.signal(engine, signal.SIGKILL):
        raise Failure("the engine ended by itself")
    until(lambda: not home.lives(engine), "the engine to be dead", 10)
    figures["database ok"] = int(integrity(home))
    time.sleep(rng.choice((0, 0, rng.uniform(0, 3))))
    begin = time.monotonic()
    until(lambda: home.ctl("list")[0] == 0, "another engine", 30)  # a command that starts one
    figures["engine again, s"] = time.monotonic() - begin
    until(lambda: home.events(run, "engine") or has_ended(home.show(run)), f"the workers of run {run} to call home", 20)
    figures["running again, s"] = time.monotonic() - begin
    shown = home.ends(run, END_SECONDS)
    if shown["state"] != "finished" or shown["attempt"] != 1 or pids(shown) != alive:
        raise Failure(f"{title}: {shown['state']} in attempt {shown['attempt']}, processes {alive} before and "
                      f"{pids(shown)} after: {shown['error'][:300]}")
    for rank in (-1, 0):
        _, told = home.ctl("series", run, "train/loss", "--rank", str(rank), "--points", "0")
        steps = [x for x, _ in told["points"]]
        if steps != list(range(shown["steps"])):
            raise Failure(f"{title}, rank {rank}: {len(steps)} points, of {len(set(steps))} of {shown['steps']} steps")
    if left := home.orphans(alive, 10):
        raise Failure(f"processes {left} of run {run} were left over")
    if bits:
        if shown["parameters_sha256"] != digest:
            raise Failure(f"{title}: other parameters than the reference's")
        figures["same bits"] = 1
    return figures


def engine_killed_with_workers(home, seed):
    """The workers end with the engine: the run fails, or goes on from its last checkpoint."""
    rng = random.Random(seed)
    title, spec, _ = strategies()[0]
    spec["name"] = f"engine {seed}"
    spec["training"] |= {"max_steps": 100000, "checkpoint_every_steps": 10, "engine_grace_seconds": 0}
    if rng.random() < 0.5:
        spec["training"]["resume_after_failure"] = 1
    run = home.begin(spec)
    known = [run]
    until(lambda: home.show(run)["last_checkpoint_step"] >= 10, f"the first checkpoint of run {run}")
    during = "any moment"
    for _ in range(rng.randrange(3)):  # they wait for their turn, or train beside it
        known.append(home.begin({**spec, "workers": [{"launcher": "local", "count": 1}], "exchange": {"kind": "single"}}))
    engine = home.engine_pid()
    # What was told more than a second ago must be there afterwards: rows go to the store every quarter of one.
    _, told = home.ctl("series", run, "train/loss")
    checkpoint = home.show(run)["last_checkpoint_step"]
    alive = pids(home.show(run))
    time.sleep(1 + rng.uniform(0, 1))
    if rng.random() < 0.5:
        during = wait_for_write(home, run, rng)
    if not home.signal(engine, signal.SIGKILL):
        raise Failure("the engine ended by itself")
    until(lambda: not home.lives(engine), "the engine to be dead", 10)
    orphans_of_engine = home.orphans(alive, 30)
    has_database = integrity(home)
    begin = time.monotonic()
    until(lambda: home.ctl("list")[0] == 0, "another engine", 30)  # a command that starts one
    figures = {"group": f"engine, during {during}", "engine again, s": time.monotonic() - begin,
               "database ok": int(has_database)}
    if orphans_of_engine:
        raise Failure(f"workers {orphans_of_engine} outlived their engine by 30 s")
    for each in known:
        if home.show(each)["name"] != spec["name"]:
            raise Failure(f"run {each} is lost")
    _, kept = home.ctl("series", run, "train/loss", "--points", "1000000")
    shown = home.show(run)
    # A run that goes on from a checkpoint measures its steps behind it anew.
    wanted = max((x for x, _ in told["points"]), default=0)
    if "resume_after_failure" not in spec["training"] and max((x for x, _ in kept["points"]), default=0) < wanted:
        raise Failure(f"measurements up to step {wanted} were told, and are lost")
    if shown["last_checkpoint_step"] < checkpoint:
        raise Failure(f"the checkpoint before step {checkpoint} was told, and is lost: {shown['last_checkpoint_step']}")
    for each in known[1:]:  # the run would wait for them
        home.ctl("kill", each)
    if shown["state"] == "failed":
        code, said = home.ctl("resume", run)
        if code != 0:
            raise Failure(f"resume: {said}")
    until(lambda: home.show(run)["steps"] > checkpoint and home.show(run)["state"] == "running",
          f"run {run} to train again")
    figures["running again, s"] = time.monotonic() - begin
    for each in known:
        home.ctl("kill", each)
    until(lambda: all(has_ended(home.show(each)) for each in known), "the runs to end")
    return figures


def worker_frozen(home, seed):
    """SIGSTOP of a worker for 1 s, 10 s or for ever."""
    seconds = (1, 10, None)[seed % 3]
    all_of_them = [each for each in strategies() if each[0] in ("all-reduce, ring", "server, async", "gossip",
                                                               "local-sgd", "2 x 2, data and pipeline")]
    title, spec, bits = all_of_them[seed // 3 % len(all_of_them)]
    rng = random.Random(seed)
    digest, reference_seconds = reference(home, title, spec)
    run = home.begin(spec)
    home.trains(run, 1)
    time.sleep(rng.uniform(0, 0.5 * reference_seconds))
    shown = home.show(run)
    victim = rng.randrange(len(shown["workers"]))
    alive = pids(shown)
    figures = {"group": f"{title}, {f'{seconds} s' if seconds else 'for ever'}"}
    if has_ended(shown):
        return {**figures, "ended before": 1}
    if not home.signal(alive[victim], signal.SIGSTOP):
        return {**figures, "ended before": 1}
    begin = time.monotonic()
    deadline = begin + (seconds or 60)
    lost = None
    while time.monotonic() < deadline and lost is None:
        shown = home.show(run)
        if has_ended(shown) or home.events(run, "worker-lost"):
            lost = time.monotonic() - begin
        time.sleep(0.05)
    if seconds and home.lives(alive[victim]):
        home.signal(alive[victim], signal.SIGCONT)
    if lost is not None:
        figures["noticed, s"] = lost
    elif seconds is None:
        raise Failure(f"nobody noticed for 60 s that rank {victim} of run {run} stands still")
    shown = home.ends(run, END_SECONDS)
    if left := home.orphans(alive, 10):
        raise Failure(f"processes {left} of run {run} were left over")
    if shown["state"] == "failed":
        if f"rank {victim}" not in shown["error"]:
            raise Failure(f"the wrong one is blamed, not rank {victim}: {shown['error'][:200]}")
        return {**figures, "failed clearly": 1}
    figures["went on"] = 1
    if bits and lost is None:
        if shown["parameters_sha256"] != digest:
            raise Failure(f"{title}: other parameters than the reference's after a pause")
        figures["same bits"] = 1
    return figures


LINKS = {"1 % lost": {"network": {"loss": 0.01}}, "5 % lost": {"network": {"loss": 0.05}},
         "50 ms, 20 ms jitter": {"network": {"latency_ms": 50, "jitter_ms": 20}},
         "10 Mbit/s": {"network": {"bandwidth_mbit": 10}},
         "cut for 2 s": {"faults": [{"kind": "partition", "ranks": [1], "at_step": 4, "seconds": 2}]}}


def links_shaped(home, seed):
    """Bad links, emulated: slower, and otherwise the same."""
    name, link = list(LINKS.items())[seed % len(LINKS)]
    all_of_them = strategies()
    title, spec, bits = all_of_them[seed // len(LINKS) % len(all_of_them)]
    spec["training"] = {**spec["training"], "max_steps": 10, "checkpoint_every_steps": 0}
    digest, seconds = reference(home, f"{title}, 10 steps", spec)
    run = home.begin({**spec, **link})
    shown = home.ends(run, END_SECONDS)
    if shown["state"] != "finished":
        raise Failure(f"{title} over {name}: {shown['state']}: {shown['error'][:300]}")
    # Strategies that could go on without somebody must not have taken one for lost.
    if shown["attempt"] != 1 or home.events(run, "worker-lost"):
        raise Failure(f"{title} over {name}: a worker was given up that was only slow to hear from")
    figures = {"group": f"{title}, {name}", "took, s": shown["seconds"]}
    if bits:
        if shown["parameters_sha256"] != digest:
            raise Failure(f"{title} over {name}: other parameters than without")
        figures["same bits"] = 1
    return figures
