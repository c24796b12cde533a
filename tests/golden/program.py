# SPDX-FileCopyrightText: Concertina contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The program under test, as the golden scripts use it: concertinactl on a home of its own.
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

CTL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin/concertinactl")


class Home:
    """A temporary home; its engine starts with the first command."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments, text=None):
        """The JSON that a command prints; ends the script, with what was said, if it fails."""
        done = subprocess.run([CTL, "--home", self.path, *arguments, "--json"], input=text, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"concertinactl {' '.join(arguments)}: {done.stderr or done.stdout}")
        return json.loads(done.stdout)

    def run(self, spec):
        """Runs a spec to its end; its summary."""
        return self("run", "-", text=json.dumps(spec))

    def values(self, run, series):
        """What was recorded of a series, in order."""
        return [value for _, value in self("series", run, series)["points"]]


@contextlib.contextmanager
def home():
    path = tempfile.mkdtemp()
    try:
        yield Home(path)
    finally:
        subprocess.run([CTL, "--home", path, "engine", "stop", "--runs"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(path, ignore_errors=True)
