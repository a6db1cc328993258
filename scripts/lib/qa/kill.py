# SPDX-License-Identifier: MIT
"""The loop `kill`: kill -9 of something that bay0 looks after; it is noticed and mended or reported in time, and all personas are usable after."""
import os
import random
import subprocess
import time

from qa import look, model
from qa.machine import HERE, TOP, Trouble
from qa.rounds import Loop

with open(os.path.join(HERE, "hits.sh"), encoding="utf-8") as f:
    HITS = f.read()

SERVICES = {"udevd": "udevd", "seatd": "seatd", "sway": "sway", "pipewire": "pipewire", "wireplumber": "wireplumber", "switcher": "spine-switcher"}
PERSONAS, WINDOWS = ("desk", "web", "box", "ice"), ("desk", "web")
SHORT_PERSONAS, SHORT_WINDOWS = ("desk", "box"), ("desk",)
# A service that dies eight times in two minutes is given up, as it should be: nothing is killed so often.
WINDOW_SECONDS, WINDOW_KILLS = 130, 4
NOTICED_MAX, BACK_MAX = 20.0, 90.0


class Kill(Loop):
    """Four personas, two with windows, one in the background that runs and one that freezes; ai-core."""
    victim, lie = "box", "desk"

    def __init__(self, machine, report, options):
        super().__init__(machine, report, options)
        self.personas, self.windowed = (SHORT_PERSONAS, SHORT_WINDOWS) if options.short else (PERSONAS, WINDOWS)
        self.world = {i: model.Persona(background="run" if i == "box" else "freeze", registered=True, running=True, home=True) for i in self.personas}
        self.recent, self.more = {}, []  # when what was killed; targets that only some Spines have
        self.front = "desk"

    def prepare(self):
        m = self.machine
        m.gone()
        m.up(fresh=True)
        self.recent = {}
        self.front = "desk"
        m.run(HITS + """until_ 180 is_up sway && until_ 180 is_up ai-core || exit 1
            for id; do
                case $id in
                desk | web) spine persona add "$id" localhost/persona-trixie --network none --background freeze ;;
                box) spine persona add "$id" localhost/persona-busybox --network none --background run ;;
                *) spine persona add "$id" localhost/persona-busybox --network none --background freeze ;;
                esac || exit 1
            done
            for id; do spine persona start "$id" && in_home "$id" 'echo "$1" >"$1"; echo "$2" >"$2"' kept other '' || exit 1; done
            sync""", *self.personas, limit=900)
        self.more = m.run(HITS + "what_else").split()
        self.homes()
        for who in reversed(self.windowed):
            self.focus(who)

    def homes(self):
        seen = look.read(self.machine.run("look"))
        for who, p in self.world.items():
            p.files, p.mark = seen.homes.get(who, {}), ""

    def focus(self, who, limit=90):
        """Brings it to the front and waits for its window."""
        end = time.monotonic() + limit
        while True:
            try:
                self.machine.run('spine focus "$1"', who, head=False)
                if who in self.windows():
                    self.front = who
                    return
            except Trouble as e:
                last = str(e)
            else:
                last = "it has no window"
            if time.monotonic() > end:
                raise Trouble(f"{who} cannot be brought to the front within {limit} s: {last}")
            time.sleep(0.3)

    def windows(self):
        """Ids of the personas that sway shows windows of."""
        tree = self.machine.run("SWAYSOCK=/run/spine/ui/sway.sock swaymsg -r -t get_tree 2>/dev/null; true", head=False)
        return {i for i in self.personas if f'"sandbox_instance_id": "{i}"' in tree or f'"sandbox_instance_id":"{i}"' in tree}

    def label(self):
        """Digest of what is drawn over the window in front: its name and colours."""
        path = os.path.join(self.machine.dir, "screen.png")
        self.machine.screenshot(path)
        done = subprocess.run([os.path.join(TOP, "tests/vm/picture.py"), path, "0", "25"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return done.stdout.decode().strip()

    def choose(self, rng):
        now = time.monotonic()
        for name in self.recent:
            self.recent[name] = [t for t in self.recent[name] if now - t < WINDOW_SECONDS]
        kinds = [*[s for s in SERVICES if s != "switcher"], *self.more, "ai-core", "conmon-ai-core", "init", "init", "conmon", "podman", "podman", "freeze"]
        kinds = [k for k in kinds if len(self.recent.get(self.family(k), [])) < WINDOW_KILLS]
        return rng.choice(kinds)

    @staticmethod
    def family(kind):
        # seatd takes sway with it and sway the switcher, pipewire takes wireplumber.
        return {"seatd": "sway", "switcher": "sway", "wireplumber": "pipewire", "conmon-ai-core": "ai-core"}.get(kind, kind)

    def one(self):
        rng = random.Random(f"{self.options.seed} {self.number}")
        if rng.random() < 0.3:
            self.focus(rng.choice(self.windowed))
        kind, who = self.choose(rng), rng.choice(self.personas)
        self.recent.setdefault(self.family(kind), []).append(time.monotonic())
        self.report.count(f"killed: {kind}")
        if kind in ("sway", "seatd"):
            said = self.screen(kind)
        elif kind in SERVICES:
            said = self.hit(f'hit_service {kind} "$(pidof {SERVICES[kind]} | oldest)" 90')
        elif kind == "ai-core":
            said = self.hit("hit_service ai-core \"$(cat /sys/fs/cgroup/spine/tenants/ai-core/libpod-*/cgroup.procs "
                            '/sys/fs/cgroup/spine/tenants/ai-core/cgroup.procs 2>/dev/null | oldest)" 90')
        elif kind == "conmon-ai-core":
            said = self.hit('until_ 90 is_up ai-core; strike "$(conmon_of tenant-ai-core)"; sleep 3; until_ 90 is_up ai-core && echo "back $(now)" ||'
                            'echo "never back: $(service_row ai-core)"')
        elif kind == "podman":
            said = self.hit(f"hit_podman {who} {rng.uniform(0.1, 3):.2f} 90")
        elif kind == "reexec":
            said = self.hit("hit_reexec")
        elif kind == "freeze":
            said = self.hit('f=$(in_front); hit_awake "${f:-box}"' if who in self.windowed else "hit_awake box")
        else:
            said = self.hit(f"hit_{kind} {who} 90")
        self.judge(kind, said)
        self.usable(kind)

    def hit(self, script):
        return self.machine.run(HITS + script, limit=400)

    def screen(self, kind):
        """The compositor, killed or taken along: until the persona in front is drawn as before."""
        before = self.label()
        began = time.monotonic()
        said = self.hit(f'hit_service {kind} "$(pidof {kind} | oldest)" 90')
        end = began + 2 * BACK_MAX
        while self.label() != before:
            if time.monotonic() > end:
                return said + f"never drawn as before: {self.label()}, not {before}\n"
            time.sleep(0.1)
        self.report.time(f"kill -9 of {kind} to a drawn desktop", time.monotonic() - began)
        return said

    def judge(self, kind, said):
        at, bad = {}, []
        for line in said.splitlines():
            word = line.split(" ")
            if word[0] in ("hit", "noticed", "back"):
                at.setdefault(word[0], float(word[1]))
                if len(word) > 2 and word[0] == "noticed":
                    self.report.count(f"podman killed: {word[2]}")
            elif word[0] == "never":
                bad.append(f"{kind}: {line}")
            elif word[0] == "missed":
                self.report.count("podman was not there to be killed")
        if "hit" in at:
            for what, most in (("noticed", NOTICED_MAX), ("back", BACK_MAX)):
                if what in at:
                    self.report.time(f"{kind}: kill to {what}", at[what] - at["hit"])
                    if at[what] - at["hit"] > most and kind != "podman":
                        bad.append(f"{kind}: {what} only after {at[what] - at['hit']:.1f} s")
        self.losses(bad)

    def usable(self, kind):
        """All personas run, nobody is frozen who should not be, the homes are as they were, every window can be shown."""
        world = self.world
        self.check({i: [p] for i, p in world.items()})
        self.world = world
        if kind in ("sway", "seatd"):
            for who in [w for w in self.windowed if w != self.front] + [self.front]:
                self.focus(who)
