#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Does for a test what bay0 does for a persona with sound: keeps its listening socket, runs spine-sound with it, starts it again.
# sound-places.py ROOT ID GRANTS: the socket is ROOT/run/persona-ID, words for spine-sound come through the fifo ROOT/run/ID.in, its own
# go to ROOT/run/ID.out.
import os
import socket
import subprocess
import sys
import time

root, persona, grants = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
path = root + "/run/persona-" + persona
listener.bind(path)
listener.listen(64)
os.chmod(path, 0o666)
out = open(root + "/run/" + persona + ".out", "a")
words = os.open(root + "/run/" + persona + ".in", os.O_RDWR)
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
while True:
    subprocess.run(
        ["chroot", "--userspec=902:902", "--groups=", root, "/usr/lib/spine/spine-sound", "--remote", "/run/audio/pipewire-0",
         "--persona", persona, "--app-id", "localhost/" + persona, "--grants", grants, "--listen-fd", "3"],
        stdin=words, stdout=out, pass_fds=(3,), check=False)
    time.sleep(0.2)
