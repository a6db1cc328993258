#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands between the guest and a registry and breaks transfers on demand.

usage: gate.py REGISTRY-PORT STATE-FILE
Prints its own port. What STATE-FILE says is done: `pass`; `break N`: each connection ends once N bytes of answers went through
it; `cut N`: all end once N bytes went through them together since the last `pass`; `stall N`: passes nothing on through a
connection after N bytes until the file says otherwise.
"""
import socket
import sys
import threading
import time

CHUNK = 16 * 1024
total = 0


def state(path):
    with open(path, encoding="ascii") as f:
        words = f.read().split()
    return words[0], int(words[1]) if len(words) > 1 else 0


def close(*sockets):
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def ask(client, registry):
    try:
        while data := client.recv(CHUNK):
            registry.sendall(data)
    except OSError:
        pass
    close(registry)


def answer(client, registry, path):
    global total
    passed = 0
    try:
        while data := registry.recv(CHUNK):
            mode, limit = state(path)
            while mode == "stall" and passed >= limit:
                time.sleep(0.1)
                mode, limit = state(path)
            if mode == "pass":
                total = 0
            if (mode == "break" and passed >= limit) or (mode == "cut" and total >= limit):
                break
            client.sendall(data)
            passed += len(data)
            total += len(data)
    except OSError:
        pass
    close(client, registry)


def main(port, path):
    gate = socket.create_server(("127.0.0.1", 0))
    print(gate.getsockname()[1], flush=True)
    while True:
        client, _ = gate.accept()
        try:
            registry = socket.create_connection(("127.0.0.1", port))
        except OSError:
            client.close()
            continue
        threading.Thread(target=ask, args=(client, registry), daemon=True).start()
        threading.Thread(target=answer, args=(client, registry, path), daemon=True).start()


main(int(sys.argv[1]), sys.argv[2])
