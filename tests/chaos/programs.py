# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The programs that are tried, as the chaos cases use them: a home of its own, processes that are known by their
# numbers, and no wait without a deadline.
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

BIN = os.environ.get("CONCERTINA_BIN") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin")
PATIENCE_SECONDS = 60  # after which something hangs


class Failure(Exception):
    """What a case found wrong."""


def until(condition, what, seconds=PATIENCE_SECONDS, pause=0.03):
    """The first true value of `condition`, and the seconds that it took."""
    begin = time.monotonic()
    while True:
        value = condition()
        now = time.monotonic() - begin
        if value:
            return value, now
        if now > seconds:
            raise Failure(f"hang: not within {seconds} s: {what}")
        time.sleep(pause)


class Home:
    def __init__(self, path):
        self.path = path

    def ctl(self, *arguments, text=None, seconds=PATIENCE_SECONDS):
        """Exit status, and the JSON that the command printed (None if it printed none)."""
        try:
            done = subprocess.run([os.path.join(BIN, "concertinactl"), "--home", self.path, *arguments, "--json"],
                                  input=text, text=True, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(f"hang: concertinactl {' '.join(arguments)} took more than {seconds} s") from None
        try:
            return done.returncode, json.loads(done.stdout)
        except json.JSONDecodeError:
            return done.returncode, None

    def begin(self, spec):
        code, run = self.ctl("run", "-", "--detach", text=json.dumps(spec))
        if code != 0 or not run or "run" not in run:
            raise Failure(f"the run was refused: {run}")
        return run["run"]

    def show(self, run):
        code, shown = self.ctl("show", run)
        if code != 0 or not shown:
            raise Failure(f"show {run}: exit status {code}, {shown}")
        return shown

    def events(self, run, kind):
        code, reply = self.ctl("events", run)
        return [event for event in reply["events"] if event["kind"] == kind] if code == 0 else []

    def trains(self, run, steps):
        """Waits until it has made so many steps, or has ended."""
        return until(lambda: (lambda r: r if r["steps"] >= steps or has_ended(r) else None)(self.show(run)),
                     f"{steps} steps of run {run}")[0]

    def ends(self, run, seconds):
        return until(lambda: (lambda r: r if has_ended(r) else None)(self.show(run)), f"the end of run {run}",
                     seconds, pause=0.1)[0]

    def engine_pid(self):
        code, status = self.ctl("engine", "status")
        return status.get("pid", 0) if code == 0 and status else 0

    def owns(self, pid):
        """Whether the process is one of this home's: its number may be another's by now."""
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as arguments:
                return self.path.encode() in arguments.read()
        except OSError:
            return False

    def lives(self, pid):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] != "Z" and self.owns(pid)
        except OSError:
            return False

    def signal(self, pid, number):
        """False if it has ended before."""
        if not pid or not self.lives(pid):
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def end_runs(self):
        """After a case that failed: the next begins on an idle home."""
        with contextlib.suppress(Failure):
            _, runs = self.ctl("list")
            going = [run for run in (runs or {}).get("runs", []) if not has_ended(run)]
            for run in going:
                self.ctl("kill", run["run"])
            until(lambda: all(has_ended(self.show(run["run"])) for run in going), "the runs to end", 15)

    def orphans(self, pids, seconds):
        """Those of the processes that still run after so long; they are ended then."""
        left = list(pids)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            left = [pid for pid in left if self.lives(pid)]
            time.sleep(0.05)
        for pid in left:
            self.signal(pid, signal.SIGKILL)
        return left

    def crashes(self, run, victim):
        """Ranks whose log says that they did not end of their own will; the victim's says nothing."""
        words = ("Segmentation", "terminate called", "Assertion", "Sanitizer", "stack smashing", "core dumped")
        found = []
        folder = os.path.join(self.path, "runs", run)
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            if not name.startswith("rank-") or not name.endswith(".log") or name == f"rank-{victim}.log":
                continue
            with open(os.path.join(folder, name), errors="replace") as log:
                if any(word in log.read() for word in words):
                    found.append(name)
        return found


def has_ended(run):
    return run["state"] in ("finished", "failed", "stopped")


def pids(run):
    return [worker["pid"] for worker in run["workers"] if worker.get("pid")]


@contextlib.contextmanager
def home():
    path = tempfile.mkdtemp(prefix="cnc-")  # short: a Unix socket's address has 107 characters
    try:
        yield Home(path)
    finally:
        own = Home(path)
        with contextlib.suppress(Failure):
            pid = own.engine_pid()
            own.ctl("engine", "stop", "--runs")
            if pid and own.orphans([pid], 15):
                print(f"the engine of {path} had to be killed", flush=True)
        shutil.rmtree(path, ignore_errors=True)


# What is tried, each on three workers or a mesh. `bits`: the same seed gives the same parameters, whatever happens.
def strategies():
    def one(title, exchange, bits, count=3, mesh=None, **changes):
        spec = {"name": title, "seed": 7, "dataset": {"kind": "fashion-mnist"}, "model": {"kind": "lenet-300-100"},
                "optimizer": {"kind": "sgd", "learning_rate": 0.01},
                "training": {"batch_size": 16, "epochs": 100, "max_steps": 1200, "evaluate_every_epochs": 0,
                             "checkpoint_every_steps": 100},
                "exchange": exchange, "workers": [{"launcher": "local", "count": count}]}
        if mesh:
            spec["mesh"] = mesh
        for section, values in changes.items():
            spec[section] = values
        return title, spec, bits

    rounds = {"batch_size": 16, "max_steps": 40, "evaluate_every_epochs": 0, "checkpoint_every_steps": 5}
    return [
        one("all-reduce, ring", {"kind": "all-reduce", "algorithm": "ring"}, True),
        one("all-reduce, top-k", {"kind": "all-reduce"}, True, gradient=[{"kind": "top-k", "ratio": 0.01}]),
        one("server, sync", {"kind": "parameter-server"}, True),
        one("server, async", {"kind": "parameter-server", "mode": "async"}, False),
        one("server, stale-synchronous", {"kind": "parameter-server", "mode": "stale-synchronous"}, False),
        one("server of its own, async", {"kind": "parameter-server", "mode": "async", "dedicated_servers": 1}, False,
            count=3, mesh={"data": 2}),
        one("easgd", {"kind": "easgd"}, False),
        one("gossip", {"kind": "gossip"}, False),
        one("ad-psgd", {"kind": "ad-psgd"}, False, count=4),
        one("local-sgd", {"kind": "local-sgd"}, True),
        one("diloco", {"kind": "diloco"}, True),
        one("zero", {"kind": "zero"}, True),
        one("fedavg", {"kind": "fedavg", "clients": 12}, True, training=rounds),
        one("scaffold", {"kind": "scaffold", "clients": 12}, True, training=rounds),
        one("pipeline of 2", {"kind": "single"}, True, count=2, mesh={"data": 1, "pipeline": 2}),
        one("tensor of 2", {"kind": "single"}, True, count=2, mesh={"data": 1, "tensor": 2}),
        one("2 x 2, data and pipeline", {"kind": "all-reduce"}, True, count=4, mesh={"data": 2, "pipeline": 2}),
    ]
