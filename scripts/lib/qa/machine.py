# SPDX-License-Identifier: MIT
"""The VM of a loop: scripts/vm for its life, the guest agent for commands, a port of its own for acknowledgements."""
import base64
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "../../.."))
sys.path.insert(0, os.path.join(TOP, "scripts/lib"))
import vmctl  # noqa: E402  (beside us, not a package)

with open(os.path.join(HERE, "guest.sh"), encoding="utf-8") as f:
    GUEST = f.read()


class Trouble(Exception):
    """The machine did not do what it was told."""


class Machine:
    def __init__(self, name, words="", options=()):
        self.name, self.words, self.options = name, words, list(options)
        self.dir = os.path.join(TOP, "build/vm", name)
        self.disk = os.path.join(self.dir, "persist.img")
        self.acks = os.path.join(self.dir, "acks.log")
        self.acks_from = 0
        self.extra = []  # more words for QEMU

    def vm(self, *args, check=True, limit=400):
        try:
            done = subprocess.run([os.path.join(TOP, "scripts/vm"), "--name", self.name, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, timeout=limit, check=False)
        except subprocess.TimeoutExpired as e:
            raise Trouble(f"scripts/vm {args[0]} did not end within {limit} s") from e
        text = done.stdout.decode(errors="replace")
        if check and done.returncode:
            raise Trouble(f"scripts/vm {args[0]}: {text[-2500:]}")
        return text

    def up(self, fresh=False, wait=True):
        """Power on; returns the seconds to `spine: ready`."""
        began = time.monotonic()
        args = ["up", "--persist-size", "1G", *self.options] + ([] if wait else ["--no-wait"]) + (["--fresh"] if fresh else []) + (["--append", self.words] if self.words else [])
        self.vm(*args, "--", "-chardev", "file,id=acks,path=acks.log,append=on", "-device", "virtserialport,chardev=acks,name=spine.qa", *self.extra)
        return time.monotonic() - began

    def up_and_cut(self, after):
        """Power on, and off again so many seconds after bay0 has begun."""
        self.up(wait=False)
        end = time.monotonic() + 300
        while "bay0 starts" not in self.log("log"):
            if time.monotonic() > end:
                raise Trouble("bay0 did not begin within 300 s")
            time.sleep(0.1)
        time.sleep(after)
        self.cut()

    def running(self):
        return bool(re.search(rf"^{self.name} +[0-9]+ ", self.vm("ls"), re.M))

    def cut(self):
        self.vm("cut")

    def gone(self):
        """Whatever there is of it."""
        self.vm("cut", check=False)

    def wait_off(self, limit=90):
        end = time.monotonic() + limit
        while self.running():
            if time.monotonic() > end:
                raise Trouble(f"it did not switch off within {limit} s")
            time.sleep(0.2)

    def run(self, script, *args, limit=120, head=True):
        """A shell script as root in the Spine, with guest.sh before it. Its output; Trouble when it fails."""
        try:
            state = vmctl.Agent(self.dir).run(["sh", "-c", (GUEST if head else "") + script, "sh", *map(str, args)], limit)
        except (vmctl.Gone, RuntimeError, OSError) as e:
            raise Trouble(f"the guest agent: {e}") from e
        out = base64.b64decode(state.get("out-data", "")).decode(errors="replace")
        if "signal" in state or state["exitcode"]:
            err = base64.b64decode(state.get("err-data", "")).decode(errors="replace")
            raise Trouble(f"a script in the Spine ended with {state.get('exitcode', state.get('signal'))}: {out[-800:]} {err[-800:]}")
        return out

    def work(self, lists, limit=None):
        """Gives each worker its list of operations. With a limit: waits for their end; without: leaves them to it."""
        texts = ["\n".join(op.line() for op in ops) for ops in lists if ops]
        if limit is None:
            self.run('open_acks; exec >/dev/null 2>&1; workers "$@"', *texts)
        else:
            self.run('open_acks; workers "$@"; wait', *texts, limit=limit)

    def said(self):
        """n -> None for what has begun, (code, text) for what was answered, since forget()."""
        said = {}
        if not os.path.exists(self.acks):
            return said
        with open(self.acks, "rb") as f:
            f.seek(self.acks_from)
            # A line that the cut broke off is no line.
            for line in f.read().decode(errors="replace").split("\n")[:-1]:
                word = line.split(" ", 3)
                if word[0] == "B":
                    said[int(word[1])] = None
                elif word[0] == "E" and len(word) > 2:
                    said[int(word[1])] = (word[2], word[3] if len(word) > 3 else "")
        return said

    def forget(self):
        self.acks_from = os.path.getsize(self.acks) if os.path.exists(self.acks) else 0

    def settled(self, limit=90):
        """Waits until nothing is under way, then looks."""
        return self.run('settle "$1"; look', limit, limit=limit + 60)

    def log(self, what):
        return self.vm(what, check=False)

    def screenshot(self, path):
        self.vm("screenshot", path, check=False)
