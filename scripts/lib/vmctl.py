#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Talks to a running VM: QMP for keys, pictures and resets, the guest agent for commands and files.

usage: vmctl.py DIR exec [--timeout S] CMD ARG... | push HOST GUEST | pull GUEST HOST | key KEYS... | type TEXT |
                    keydown KEYS... | keyup KEYS... | mouse X Y | click [X Y] | screenshot FILE | qmp COMMAND [JSON] | ping
DIR holds qmp.sock and qga.sock. Exit status of `exec` is the command's own; 125: no answer from the agent.
"""
import base64
import fcntl
import json
import os
import random
import socket
import sys
import time

CHUNK = 192 * 1024
PLAIN = {" ": "spc", "\n": "ret", "\t": "tab", "-": "minus", "=": "equal", "[": "bracket_left", "]": "bracket_right",
         "\\": "backslash", ";": "semicolon", "'": "apostrophe", "`": "grave_accent", ",": "comma", ".": "dot", "/": "slash"}
SHIFTED = dict(zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./"))


class Gone(Exception):
    """The other side does not answer."""


class Channel:
    """One JSON-lines connection to a socket of QEMU, with a limit on every wait."""

    def __init__(self, path, limit=30.0):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.sock.settimeout(limit)
        self.buffer = b""
        try:
            # By way of the folder's descriptor: the path may be longer than a socket's name can be.
            folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                self.sock.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
            finally:
                os.close(folder)
        except OSError as e:
            raise Gone(f"{path}: {e.strerror}; is the VM up? (scripts/vm ls)") from e

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as e:
            raise Gone(f"write: {e}") from e

    def line(self):
        while b"\n" not in self.buffer:
            try:
                got = self.sock.recv(1 << 20)
            except OSError as e:
                raise Gone(f"no answer: {e}") from e
            if not got:
                raise Gone("connection closed")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def close(self):
        self.sock.close()


def request(channel, command, arguments=None):
    body = {"execute": command}
    if arguments:
        body["arguments"] = arguments
    channel.send(json.dumps(body).encode() + b"\n")
    while True:
        answer = json.loads(channel.line())
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error'].get('desc', answer['error'])}")
        if "return" in answer:
            return answer["return"]


class Qmp(Channel):
    def __init__(self, folder):
        super().__init__(folder + "/qmp.sock")
        self.line()
        request(self, "qmp_capabilities")


class Agent:
    """The guest agent. QEMU serves one connection at a time: a lock shares it, held for one exchange or a short command."""

    def __init__(self, folder):
        self.path = folder + "/qga.sock"
        self.lock = os.open(folder + "/qga.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.channel = None

    def open(self, patience=20.0):
        end = time.monotonic() + patience
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        while True:
            try:
                self.channel = Channel(self.path, limit=1.5)
                number = random.randrange(1 << 31)
                # A byte of 255 makes the agent forget half a line that someone else left behind.
                self.channel.send(b"\xff" + json.dumps({"execute": "guest-sync-delimited", "arguments": {"id": number}}).encode() + b"\n")
                while True:
                    line = self.channel.line().split(b"\xff")[-1]
                    if line.strip() and json.loads(line).get("return") == number:
                        self.channel.sock.settimeout(60)
                        return
            except (Gone, ValueError) as e:
                self.close(unlock=False)
                if time.monotonic() > end:
                    fcntl.flock(self.lock, fcntl.LOCK_UN)
                    raise Gone(f"the guest agent does not answer ({e}); a shipped image has none") from e
                time.sleep(0.2)

    def close(self, unlock=True):
        if self.channel:
            self.channel.close()
            self.channel = None
        if unlock:
            fcntl.flock(self.lock, fcntl.LOCK_UN)

    def ask(self, command, arguments=None):
        if not self.channel:
            self.open()
        return request(self.channel, command, arguments)

    def run(self, argv, limit):
        pid = self.ask("guest-exec", {"path": argv[0], "arg": argv[1:], "capture-output": True})["pid"]
        began, pause = time.monotonic(), 0.02
        while True:
            state = self.ask("guest-exec-status", {"pid": pid})
            if state["exited"]:
                self.close()
                return state
            ran = time.monotonic() - began
            if limit and ran > limit:
                self.close()
                raise Gone(f"{argv[0]} did not end within {limit} s")
            if ran > 0.5:
                self.close()
            time.sleep(pause)
            pause = min(pause * 1.2, 0.1)

    def push(self, source, target):
        with open(source, "rb") as f:
            handle = self.ask("guest-file-open", {"path": target, "mode": "wb"})
            while chunk := f.read(CHUNK):
                text = base64.b64encode(chunk).decode()
                if self.ask("guest-file-write", {"handle": handle, "buf-b64": text})["count"] != len(chunk):
                    raise RuntimeError(f"{target}: short write in the guest")
            self.ask("guest-file-close", {"handle": handle})
        mode = oct(os.stat(source).st_mode & 0o777)[2:]
        done = self.run(["chmod", mode, target], 10)
        if done["exitcode"]:
            raise RuntimeError(f"{target}: chmod failed in the guest")

    def pull(self, source, target):
        handle = self.ask("guest-file-open", {"path": source, "mode": "rb"})
        with open(target, "wb") as f:
            while True:
                got = self.ask("guest-file-read", {"handle": handle, "count": CHUNK})
                f.write(base64.b64decode(got["buf-b64"]))
                if got["eof"]:
                    break
        self.ask("guest-file-close", {"handle": handle})
        self.close()


def keys_of(char):
    """Key codes that together type one character of a US keyboard."""
    if char in SHIFTED:
        return ["shift"] + keys_of(SHIFTED[char])
    if char in PLAIN:
        return [PLAIN[char]]
    if char.isascii() and char.isalnum():
        return ["shift", char.lower()] if char.isupper() else [char]
    raise RuntimeError(f"no key for {char!r}")


def press(qmp, codes):
    request(qmp, "send-key", {"keys": [{"type": "qcode", "data": c} for c in codes], "hold-time": 40})
    time.sleep(0.08)


def hold(qmp, words, down):
    """Presses or lets go of keys, each word one after the other; send-key can only do both."""
    for word in words:
        for code in word.split("-"):
            key = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": code}}}
            request(qmp, "input-send-event", {"events": [key]})
            time.sleep(0.02)


def point(qmp, x, y):
    """Puts the tablet's pen at x, y, both from 0 to 1."""
    axes = [{"type": "abs", "data": {"axis": axis, "value": round(min(max(float(at), 0), 1) * 0x7fff)}} for axis, at in (("x", x), ("y", y))]
    request(qmp, "input-send-event", {"events": axes})
    time.sleep(0.1)


def click(qmp):
    for down in (True, False):
        request(qmp, "input-send-event", {"events": [{"type": "btn", "data": {"down": down, "button": "left"}}]})
        time.sleep(0.1)


def do_exec(folder, args):
    limit = 0.0
    if args[:1] == ["--timeout"]:
        limit, args = float(args[1]), args[2:]
    state = Agent(folder).run(args, limit)
    for name, stream in (("out-data", sys.stdout), ("err-data", sys.stderr)):
        stream.buffer.write(base64.b64decode(state.get(name, "")))
        stream.buffer.flush()
    return 128 + state["signal"] if "signal" in state else state["exitcode"]


def main(argv):
    if len(argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    folder, verb, args = argv[1], argv[2], argv[3:]
    try:
        if verb == "exec":
            return do_exec(folder, args)
        if verb in ("push", "pull"):
            getattr(Agent(folder), verb)(*args)
        elif verb == "ping":
            Agent(folder).open()
        elif verb == "key":
            qmp = Qmp(folder)
            for word in args:
                press(qmp, word.split("-"))
        elif verb == "type":
            qmp = Qmp(folder)
            for char in args[0]:
                press(qmp, keys_of(char))
        elif verb in ("keydown", "keyup"):
            hold(Qmp(folder), args, verb == "keydown")
        elif verb in ("mouse", "click"):
            qmp = Qmp(folder)
            if args:
                point(qmp, *args)
            if verb == "click":
                click(qmp)
        elif verb == "screenshot":
            request(Qmp(folder), "screendump", {"filename": os.path.abspath(args[0]), "format": "png"})
        elif verb == "qmp":
            answer = request(Qmp(folder), args[0], json.loads(args[1]) if len(args) > 1 else None)
            print(json.dumps(answer))
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except (Gone, RuntimeError, OSError) as e:
        print(f"vm: {verb}: {e}", file=sys.stderr)
        return 125
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
