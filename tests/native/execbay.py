#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands in for bay0's persona.exec: runs FOLDER/ID with the descriptors that came with the request, and answers with its
status; refuses ids without such a program. The command goes to FOLDER/ID.asked.  execbay.py SOCKET FOLDER"""
import array
import json
import os
import selectors
import socket
import subprocess
import sys

path, folder = sys.argv[1:]
listening = socket.socket(socket.AF_UNIX)
listening.bind(path)
listening.listen(16)
select = selectors.DefaultSelector()
select.register(listening, selectors.EVENT_READ, None)
running = {}  # connection: (process, request id)


def answer(c, line):
    try:
        c.sendall(json.dumps(line).encode() + b"\n")
    except OSError:
        pass


def begin(c):
    text, ancillary, _, _ = c.recvmsg(65536, socket.CMSG_SPACE(12))
    if not text:
        return end(c)
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data)
    request = json.loads(text)
    args = request["args"]
    program = os.path.join(folder, args["id"])
    with open(program + ".asked", "w", encoding="utf-8") as f:
        f.write(json.dumps(args["command"]))
    if not os.path.exists(program):
        answer(c, {"id": request["id"], "ok": False, "error": {"code": "no-such-persona", "message": "no persona " + args["id"], "hint": ""}})
    else:
        # pylint: disable=consider-using-with
        running[c] = (subprocess.Popen([program], stdin=fds[0], stdout=fds[1], stderr=fds[2], process_group=0), request["id"])
    for fd in fds:
        os.close(fd)


def end(c):
    if c in running:
        process, _ = running.pop(c)
        os.killpg(process.pid, 9)
        process.wait()
        with open(os.path.join(folder, "ended"), "a", encoding="utf-8") as f:
            f.write("ended\n")
    select.unregister(c)
    c.close()


while True:
    for key, _ in select.select(0.05):
        if key.fileobj is listening:
            select.register(listening.accept()[0], selectors.EVENT_READ, begin)
        else:
            key.data(key.fileobj)
    for c, (process, number) in list(running.items()):
        if process.poll() is not None:
            del running[c]
            answer(c, {"id": number, "ok": True, "result": {"status": process.returncode}})
