# SPDX-License-Identifier: MIT
"""Stands between sway and those who ask it.
usage: latesway.py SOCKET SWAY DIR

While DIR/slow is there a question for the tree waits twice: until DIR/ask before sway hears it, and until DIR/tell before its answer
goes on. DIR/asked and DIR/answered say how far it is."""
import os
import socket
import struct
import sys
import threading
import time

PATH, SWAY, DIR = sys.argv[1:]
HEAD = struct.Struct("=6sII")
GET_TREE = 4


def take(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def message(sock):
    head = take(sock, HEAD.size)
    _, length, kind = HEAD.unpack(head)
    return kind, head + take(sock, length)


def reach(said, awaited):
    open(f"{DIR}/{said}", "w").close()
    while not os.path.exists(f"{DIR}/{awaited}"):
        time.sleep(0.02)


def serve(client):
    with client, socket.socket(socket.AF_UNIX) as sway:
        sway.connect(SWAY)
        try:
            while True:
                kind, question = message(client)
                slow = kind == GET_TREE and os.path.exists(f"{DIR}/slow")
                if slow:
                    reach("asked", "ask")
                sway.sendall(question)
                answer = message(sway)[1]
                if slow:
                    reach("answered", "tell")
                client.sendall(answer)
        except (EOFError, OSError):
            pass


with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(PATH)
    listener.listen()
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
