#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the life of personas from declaration to removal, focus, freezing, programs inside, a death, the end of bay0.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000

runs 'add' spine persona add work localhost/img
runs 'add of an image that is not there' spine persona add other docker.io/library/pulled:1
runs 'pulls it' [ -e "$T/image/docker.io_library_pulled:1" ]
runs 'both are stopped' is other '[.state, .focus, .pid] | @csv' '"stopped",false,0'
refused persona-exists persona add work localhost/img
refused not-running focus work
refused not-running persona stop work
refused no-such-persona persona start nobody

runs 'start' spine persona start work
runs 'it runs, and the first one is in front' is work '[.state, .focus] | @csv' '"running",true'
runs 'its process is in its group, and is the one that ps shows' grep -qx "$(row work .pid)" "$CG"/personas/work/libpod-*/cgroup.procs
runs 'its firewall was loaded' grep -q 'policy drop' "$T/firewall"
refused already-running persona start work
refused already-running persona rm work
runs 'start of a second one' spine persona start other
runs 'focus' spine focus other
runs 'who leaves the front is frozen after its grace' within 10 frozen_is work 1
runs 'ps says so' within 5 is work .frozen true
runs 'the one in front is not frozen' frozen_is other 0
runs 'focus goes back' spine focus work
runs 'it is thawed when the answer comes' frozen_is work 0
runs 'and the other one freezes' within 10 frozen_is other 1

out=$(spine run other -- cat /proc/self/cgroup </dev/null)
runs 'a program runs in a frozen persona' grep -q '/personas/other/' <<<"$out"
rc=0
spine run other -- sh -c 'exit 7' </dev/null >/dev/null 2>&1 || rc=$?
runs 'and tells its own status' [ "$rc" -eq 7 ]
runs 'then it freezes again' within 10 frozen_is other 1

# The size of a terminal changes: podman is told, though it is in a session of its own.
fault exec "trap 'touch $T/winch' WINCH; touch $T/entered; while [ ! -e $T/winch ]; do sleep 0.1; done; exit 9"
rc=0
timeout 60 python3 - "$BUILD/sbin/spine" "$T" <<'P' || rc=$?
import fcntl, os, pty, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], ["spine", "shell", "work"])
while not os.path.exists(sys.argv[2] + "/entered"):
    time.sleep(0.05)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
P
runs 'a program hears that its terminal has another size' [ "$rc" -eq 9 ]
fault exec

runs 'stop of a frozen one' spine persona stop other
runs 'it is stopped' state_is other stopped
runs 'and nothing of it is left but its container' gone "$CG/personas/other" "$T/run/persona/other"
: >"$T/calls"
runs 'it starts again' spine persona start other
runs 'from the same container' not grep -q ' create ' "$T/calls"
runs 'stop' spine persona stop other
touch "$T/persist/home/other/mine"
runs 'rm' spine persona rm other
runs 'its container goes' gone "$T/pod/persona-other"
runs 'its home stays' [ -e "$T/persist/home/other/mine" ]
refused confirm-mismatch persona rm work --wipe other
runs 'add of the same id takes the home over' spine persona add other localhost/img
runs 'rm --wipe' spine persona rm other --wipe other
runs 'its home is gone' gone "$T/persist/home/other"

# rests ID: it was in front, and `work` is now.
rests() { spine focus "$1" >/dev/null && spine focus work >/dev/null && within 10 frozen_is "$1" 1; }

# One that ends by itself, awake or frozen.
spine persona add brief localhost/img -- sh -c 'sleep 1' >/dev/null 2>&1
spine persona start brief >/dev/null 2>&1
runs 'a persona that ends by itself is failed' within 10 state_is brief failed
runs 'nothing of it is left' within 10 gone "$CG/personas/brief" "$T/run/persona/brief"
runs 'and ps goes on saying why' is brief .error 'it ended by itself'
runs 'it can be started again' spine persona start brief
runs 'and fails again' within 10 state_is brief failed
runs 'and be removed' within 10 spine persona rm brief
spine persona add cold localhost/img >/dev/null 2>&1
spine persona start cold >/dev/null 2>&1
rests cold
kill -KILL "$(row cold .pid)"
runs 'a frozen one that is killed is failed' within 10 state_is cold failed
runs 'its group goes' within 10 gone "$CG/personas/cold"

# One whose conmon dies: a frozen one cannot hear of it by itself.
parent_of() { sed -n 's/^PPid:[^0-9]*//p' "/proc/$(row "$1" .pid)/status"; }
within 10 spine persona start cold >/dev/null 2>&1 # the clearing up comes first
kill -KILL "$(parent_of cold)"
runs 'one whose conmon is killed is failed' within 10 state_is cold failed
runs 'and its group goes' within 10 gone "$CG/personas/cold"
runs 'it can be started again as well' within 10 spine persona start cold
rests cold
kill -KILL "$(parent_of cold)"
runs 'a frozen one whose conmon is killed is failed' within 10 state_is cold failed
runs 'its group goes too' within 10 gone "$CG/personas/cold"
runs 'and it is said why' grep -q 'persona cold: its conmon died' "$T/bay0.err"

# Those that throttle or run on in the background are never frozen; without the cpu controller nothing slows.
spine persona add busy localhost/img --background=run -- sh -c 'while :; do :; done' >/dev/null 2>&1
spine persona start busy >/dev/null 2>&1
sleep 0.6
runs 'one that runs on in the background is not frozen' frozen_is busy 0

rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
none 'and every persona with it' "$(find "$CG/personas" -mindepth 1 -type d)"
bay0_start
runs 'who ran then runs again' within 20 state_is work running
runs 'and who was in front is in front again' within 20 is work .focus true
runs 'and who had ended by itself does not' state_is cold stopped
end
