#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does for a test what bay0 does for a persona: makes its Wayland socket, has spine-wlctx hand it to the compositor, and
holds the end of the pipe that keeps the context alive.  context.py SOCKET PROGRAM [OPTION...]"""
import os
import signal
import socket
import subprocess
import sys

listening = socket.socket(socket.AF_UNIX)
new = sys.argv[1] + ".new"
listening.bind(new)
listening.listen(16)
reading, writing = os.pipe()
words = sys.argv[2:] + ["--listen-fd", str(listening.fileno()), "--close-fd", str(reading)]
subprocess.run(words, pass_fds=[listening.fileno(), reading], check=True)
os.rename(new, sys.argv[1])
os.close(reading)
signal.pause()
