# SPDX-License-Identifier: MIT
"""Shows at the end of a run that its checks can fail: harm is done on purpose, and each must be found."""
import copy
import os
import tempfile

from qa import disk, look

HARM = """
cd /persist/home/$1 && f=$(ls | head -n 1) && echo more >>"$f" && g=$(ls | tail -n 1) && rm "$g" && echo new >stranger
mkdir -p /persist/home/nobody /sys/fs/cgroup/spine/personas/ghost
touch /persist/personas.db.broken-1
echo changed >/proc/$(spine ps --json | sed 's/{"id"/\\n&/g' | sed -n 's/^{"id":"'"$1"'".*"pid":\\([0-9]*\\).*/\\1/p')/root/mark
look
"""
MEND = """
cd /persist/home/$1 && rm stranger
rmdir /persist/home/nobody /sys/fs/cgroup/spine/personas/ghost
rm /persist/personas.db.broken-1
"""
FOUND = ("has other content", "is gone from its home", "nobody put it there", "home of nobody is left over", "control group of ghost",
         "personas.db.broken", "its own root", "registered")


def registry_blind():
    """Garbage in a registry must be seen."""
    import sqlite3
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "personas.db")
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE persona (id TEXT PRIMARY KEY, wanted INTEGER) WITHOUT ROWID")
        db.executemany("INSERT INTO persona VALUES (?, 0)", [(f"p{i}",) for i in range(2000)])
        db.commit()
        db.close()
        if disk.registry(path)[0] != ["ok"]:
            return ["a sound registry was called broken"]
        with open(path, "r+b") as f:
            f.seek(8192)
            f.write(b"\xa5" * 4096)
        return [] if disk.registry(path)[0] != ["ok"] else ["a broken registry was not noticed"]


def blind(loop):
    """What was not noticed: a list, empty when every harm was."""
    world = copy.deepcopy(loop.world)
    # The oracle is told another state of one persona than there is.
    world[loop.lie].registered = not world[loop.lie].registered
    seen = look.read(loop.machine.run(HARM, loop.victim))
    loop.machine.run(MEND, loop.victim)
    _, lost = look.judge({i: [p] for i, p in world.items()}, seen)
    missed = [what for what in FOUND if not any(what in line for line in lost)] + registry_blind()
    loop.report.figures["harm done on purpose and found"] = len(FOUND) + 1 - len(missed)
    return [f"the checks are blind: '{what}' was not noticed" for what in missed]
