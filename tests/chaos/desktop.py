# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The desktop beside a run, killed and frozen: what that changes of the run's speed. Needs xvfb.
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import time

from programs import BIN, Failure, strategies, until

WINDOW_SECONDS = 8


def rate(home, run):
    """Steps a second over a window."""
    before, begin = home.show(run)["steps"], time.monotonic()
    time.sleep(WINDOW_SECONDS)  # what is measured
    return (home.show(run)["steps"] - before) / (time.monotonic() - begin)


@contextlib.contextmanager
def started(*arguments, **options):
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait(10)


FROZEN_OF = 6      # one of so many seeds freezes it, the others kill it: 50 and 10 of 60
LEAST_SHARE = 0.98  # of the speed without a desktop, over all cases: one case alone swings by more


def desktop_killed_and_frozen(home, seed):
    if shutil.which("Xvfb") is None:
        return {"group": "desktop: not tried, there is no Xvfb"}
    what = "frozen" if seed % FROZEN_OF == 0 else "killed"
    _, spec, _ = strategies()[0]
    spec["training"] |= {"max_steps": 10000000, "epochs": 1e5, "checkpoint_every_steps": 0}
    spec["name"] = f"desktop {seed}"
    read, write = os.pipe()
    figures = {"group": f"desktop, {what}"}
    with started("Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", pass_fds=[write]) as screen:
        os.close(write)
        with os.fdopen(read) as number:
            display = number.readline().strip()
        if not display:
            raise Failure(f"Xvfb does not start: exit status {screen.poll()}")
        environment = {**os.environ, "DISPLAY": f":{display}", "XDG_CONFIG_HOME": os.path.join(home.path, "config")}
        run = home.begin(spec)
        home.trains(run, 50)
        begin = home.engine_pid()
        alone = [rate(home, run)]
        with started(os.path.join(BIN, "concertina"), "--home", home.path, env=environment) as desktop:
            time.sleep(4)  # its window stands and follows the run
            if desktop.poll() is not None:
                raise Failure(f"the desktop ended by itself: {desktop.returncode}")
            beside = rate(home, run)
            desktop.send_signal(signal.SIGKILL if what == "killed" else signal.SIGSTOP)
            after = rate(home, run)
        alone.append(rate(home, run))
        figures["beside / alone"] = beside / alone[0]
        figures["after / alone"] = after / (0.5 * (alone[0] + alone[1]))
        until(lambda: home.show(run)["state"] == "running", "the run to go on", 5)
        if home.engine_pid() != begin:
            raise Failure("the engine is another one than before")
        home.ctl("kill", run)
    return figures


def slowed(rows):
    """What is said of all cases together: why they are not good enough, or None."""
    for what in ("killed", "frozen"):
        shares = [row["after / alone"] for row in rows if row["group"] == f"desktop, {what}"]
        if shares and statistics.median(shares) < LEAST_SHARE:
            return f"a desktop that is {what} leaves the run {statistics.median(shares):.1%} of its speed (median)"
    return None
