# SPDX-License-Identifier: MIT
"""What native figures in Python share: a client of bay0, the time of a command, frozen or not."""
import json
import os
import select
import socket
import subprocess
import time

NULL = subprocess.DEVNULL


class Spine:
    """One connection to bay0's control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)

    def ask(self, cmd, **args):
        """Milliseconds from request to answer; an answer that is no yes ends the figure."""
        line = json.dumps({"id": 1, "cmd": cmd, "args": args}).encode() + b"\n"
        got = b""
        began = time.perf_counter()
        self.socket.sendall(line)
        while not got.endswith(b"\n") or b'"progress":' in got.splitlines()[-1]:
            more = self.socket.recv(1 << 20)
            if not more:
                raise SystemExit(f"bay0 is gone after {line}")
            got += more
        took = time.perf_counter() - began
        answer = json.loads(got.splitlines()[-1])
        if not answer["ok"]:
            raise SystemExit(f"{cmd} {args}: {answer['error']}")
        return took * 1000


def timed(words):
    """Milliseconds from before its start to the end of a command."""
    began = time.perf_counter()
    rc = subprocess.run(words, stdin=NULL, stdout=NULL, check=False).returncode
    took = time.perf_counter() - began
    if rc:
        raise SystemExit(f"{words}: status {rc}")
    return took * 1000


class Group:
    """A control group: freezes, thaws and waits for the kernel's word."""

    def __init__(self, path):
        self.events = os.open(path + "/cgroup.events", os.O_RDONLY)
        self.freezer = os.open(path + "/cgroup.freeze", os.O_WRONLY)
        self.poll = select.poll()
        self.poll.register(self.events, select.POLLPRI)

    def frozen(self):
        return b"frozen 1" in os.pread(self.events, 4096, 0)

    def wait(self, want, seconds=20):
        until = time.monotonic() + seconds
        while self.frozen() != want:
            left = until - time.monotonic()
            if left <= 0:
                raise SystemExit(f"frozen {int(want)} does not come")
            self.poll.poll(left * 1000)

    def write(self, freeze):
        os.pwrite(self.freezer, b"1" if freeze else b"0", 0)

    def change(self, freeze):
        """Milliseconds from the write to the kernel's word that all of it is done."""
        began = time.perf_counter()
        self.write(freeze)
        self.wait(freeze)
        return (time.perf_counter() - began) * 1000


def keep(path, samples):
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"{s:.6g}\n" for s in samples)
