#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands in for bay0 where a test must force a state: speaks bay0's protocol on a socket, does as it is told on standard input.

usage: fakebay.py SOCKET [SWAYSOCK]

Orders, a line each: `say JSON` sends an event line; `personas JSON` is the list from now on; `drop` ends the connections and
refuses new ones until `back`; `refuse CMD JSON` answers CMD with this error until `accept CMD`. With SWAYSOCK the binding events of sway become key
events, as bay0 makes them. What is asked is written to standard output, a line each: CMD ARGS.
"""
import json
import os
import selectors
import socket
import struct
import sys

KEYS = ("next", "previous", "launcher", "carry-copy", "carry-paste")


class Bay:
    def __init__(self, path, sway):
        self.path = path
        self.personas, self.refused, self.front = [], {}, ""
        self.services = [{"name": "ai-core", "kind": "tenant", "up": True, "state": "up"}]
        self.select = selectors.DefaultSelector()
        self.clients, self.listener, self.cpu = {}, None, 0
        self.listen()
        self.select.register(0, selectors.EVENT_READ, self.order)
        self.orders = b""
        if sway:
            self.sway = socket.socket(socket.AF_UNIX)
            self.sway.connect(sway)
            text = b'["binding"]'
            self.sway.sendall(b"i3-ipc" + struct.pack("=II", len(text), 2) + text)
            self.swaybuf = b""
            self.select.register(self.sway, selectors.EVENT_READ, self.binding)

    def listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        self.select.register(self.listener, selectors.EVENT_READ, self.accept)

    def accept(self, listener):
        c, _ = listener.accept()
        self.clients[c] = b""
        self.select.register(c, selectors.EVENT_READ, self.read)

    def end(self, c):
        self.select.unregister(c)
        del self.clients[c]
        c.close()

    def read(self, c):
        data = c.recv(65536)
        if not data:
            return self.end(c)
        self.clients[c] += data
        while c in self.clients and b"\n" in self.clients[c]:
            line, self.clients[c] = self.clients[c].split(b"\n", 1)
            self.request(c, json.loads(line))

    def send(self, c, o):
        try:
            c.sendall(json.dumps(o).encode() + b"\n")
        except OSError:
            self.end(c)

    def say(self, o):
        for c in list(self.clients):
            self.send(c, o)

    def find(self, wanted):
        return next((p for p in self.personas if p["id"] == wanted), None)

    def listing(self):
        for n, p in enumerate(self.personas):
            p["focus"] = p["id"] == self.front
            if p.get("state") == "running" and not p.get("frozen"):
                p["cpu_usec"] = p.get("cpu_usec", 0) + 10000 * (n + 1)
        return {"personas": self.personas}

    def request(self, c, r):
        cmd, args = r["cmd"], r.get("args", {})
        print(cmd, json.dumps(args), flush=True)
        if cmd in self.refused:
            return self.send(c, {"id": r["id"], "ok": False, "error": self.refused[cmd]})
        result = {}
        if cmd == "subscribe":
            result = dict(self.listing(), services=self.services)
        elif cmd == "persona.list":
            result = self.listing()
        elif cmd == "persona.start":
            p = self.find(args["id"])
            p["state"] = "running"
            self.say({"event": "persona", "persona": p})
            result = p
        elif cmd == "persona.focus":
            self.focus(args["id"])
            result = {"focus": args["id"]}
        self.send(c, {"id": r["id"], "ok": True, "result": result})

    def focus(self, wanted):
        old, self.front = self.front, wanted
        self.say({"event": "leaving", "id": old, "to": wanted})
        p = self.find(wanted)
        if p:
            p["used"] = max(q.get("used", 0) for q in self.personas) + 1
        self.say({"event": "front", "id": wanted})

    def order(self, _):
        data = os.read(0, 1 << 20)
        if not data:
            sys.exit(0)
        self.orders += data
        while b"\n" in self.orders:
            line, self.orders = self.orders.split(b"\n", 1)
            word, _, rest = line.decode().partition(" ")
            if word == "say":
                event = json.loads(rest)
                self.say(event)
                if event["event"] == "front":
                    self.front = event["id"]
            elif word == "personas":
                self.personas = json.loads(rest)
                self.front = next((p["id"] for p in self.personas if p.get("focus")), "")
            elif word == "drop":
                self.select.unregister(self.listener)
                self.listener.close()
                os.unlink(self.path)
                for c in list(self.clients):
                    self.end(c)
            elif word == "back":
                self.listen()
            elif word == "refuse":
                cmd, _, error = rest.partition(" ")
                self.refused[cmd] = json.loads(error)
            elif word == "accept":
                self.refused.pop(rest, None)

    def binding(self, s):
        data = s.recv(65536)
        if not data:
            self.select.unregister(s)
            return
        self.swaybuf += data
        while len(self.swaybuf) >= 14:
            size, kind = struct.unpack("=II", self.swaybuf[6:14])
            if len(self.swaybuf) < 14 + size:
                return
            body, self.swaybuf = self.swaybuf[14 : 14 + size], self.swaybuf[14 + size :]
            if kind & 0x80000000:
                words = json.loads(body)["binding"]["command"].split()
                if words[:2] == ["nop", "spine"] and words[2] in KEYS:
                    self.say({"event": "key", "key": words[2], "front": self.front})
                elif words[:3] == ["nop", "spine", "focus"]:
                    self.focus(self.personas[int(words[3]) - 1]["id"])

    def run(self):
        while True:
            for key, _ in self.select.select():
                if key.fileobj in self.select.get_map():
                    key.data(key.fileobj)


Bay(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None).run()
