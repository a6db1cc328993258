#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands between the guest and a registry and breaks transfers on demand.

usage: gate.py REGISTRY-PORT STATE-FILE
Prints its own port. Each new connection reads STATE-FILE: `pass`; `cut N`: ends every connection once N bytes of answers went
through; `stall N`: passes nothing on after N bytes until the file says otherwise; `refuse`: ends the connection at once.
"""
import socket
import sys
import threading
import time

CHUNK = 16 * 1024


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
    passed = 0
    try:
        while data := registry.recv(CHUNK):
            mode, limit = state(path)
            while mode == "stall" and passed >= limit:
                time.sleep(0.1)
                mode, limit = state(path)
            if mode == "cut" and passed >= limit:
                break
            client.sendall(data)
            passed += len(data)
    except OSError:
        pass
    close(client, registry)


def main(port, path):
    gate = socket.create_server(("127.0.0.1", 0))
    print(gate.getsockname()[1], flush=True)
    while True:
        client, _ = gate.accept()
        if state(path)[0] == "refuse":
            client.close()
            continue
        try:
            registry = socket.create_connection(("127.0.0.1", port))
        except OSError:
            client.close()
            continue
        threading.Thread(target=ask, args=(client, registry), daemon=True).start()
        threading.Thread(target=answer, args=(client, registry, path), daemon=True).start()


main(int(sys.argv[1]), sys.argv[2])
