# SPDX-License-Identifier: MIT
"""Times switches of focus.
usage: switch.py many DIR CGROUP RUNS FILE                                 from an empty workspace to p1, frozen
       switch.py pair DIR CGROUP RUNS FILE PID SPINE BY-PODMAN BY-HAND     from p1 to p2: samples in FILE.socket, .spine, .awake, .podman, .hand
Whoever has to be frozen is waited for before each run. bay0 is stopped while the shell scripts have their turn, so that it does not work beside them."""
import os
import signal
import subprocess
import sys

import rig

WHICH, DIR, CGROUP, RUNS, FILE = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
WARM_UP = 5
spine = rig.Spine(DIR + "/run/bay0.sock")


def show(workspace):
    subprocess.run([*os.environ["SWAYMSG"].split(), "-q", "workspace", workspace], check=True)


def many():
    p1, took = rig.Group(CGROUP + "/personas/p1"), []
    for n in range(RUNS + WARM_UP):
        show("nobody")
        p1.wait(True)
        took.append(spine.ask("persona.focus", id="p1"))
    rig.keep(FILE, took[WARM_UP:])


def pair():
    pid, program, scripts = int(sys.argv[6]), sys.argv[7], dict(podman=sys.argv[8], hand=sys.argv[9])
    p1, p2 = (rig.Group(f"{CGROUP}/personas/{p}") for p in ("p1", "p2"))
    took = {k: [] for k in ("socket", "spine", "awake", "podman", "hand")}

    def back():
        spine.ask("persona.focus", id="p1")
        p2.wait(True)

    def by(name):
        """The other side, between the same two and from the same state."""
        os.kill(pid, signal.SIGSTOP)
        if name == "podman":
            p2.write(False)
            p2.wait(False)
        took[name].append(rig.timed(["sh", "-c", scripts[name]]))
        p1.write(False)
        show("p1")
        p2.write(True)
        p1.wait(False)
        p2.wait(True)
        os.kill(pid, signal.SIGCONT)

    for n in range(RUNS + WARM_UP):
        back()
        took["socket"].append(spine.ask("persona.focus", id="p2"))
        took["awake"].append(spine.ask("persona.focus", id="p1"))
        p2.wait(True)
        took["spine"].append(rig.timed([program, "--socket", DIR + "/run/bay0.sock", "focus", "p2"]))
        back()
        by("podman")
        back()
        by("hand")
    for name, samples in took.items():
        rig.keep(f"{FILE}.{name}", samples[WARM_UP:])


dict(many=many, pair=pair)[WHICH]()
