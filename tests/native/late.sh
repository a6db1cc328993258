#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: an answer of sway that comes so late that it is no more true keeps nobody awake.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
sway_begin
# A swaymsg that waits twice while it is told to be slow: before it asks for the tree, and before it tells.
cp "$R/usr/bin/swaymsg" "$T/bin/swaymsg"
cat >"$T/bin/slow" <<S
#!/bin/sh
case "\$*" in
*get_tree*)
    if [ -e "$T/slow" ]; then
        touch "$T/asked"
        while [ ! -e "$T/ask" ]; do sleep 0.02; done
        "$T/bin/swaymsg" "\$@" >"$T/answer"
        touch "$T/answered"
        while [ ! -e "$T/tell" ]; do sleep 0.02; done
        exec cat "$T/answer"
    fi ;;
esac
exec "$T/bin/swaymsg" "\$@"
S
chmod 0755 "$T/bin/slow"
mount --bind "$T/bin/slow" "$R/usr/bin/swaymsg"
bay0_start
within 60 service_is sway up
two_terminals
spine focus b >/dev/null
spine focus a >/dev/null
touch "$T/slow"
runs 'the grace of b is over: bay0 asks what can be seen' within 10 [ -e "$T/asked" ]
spine focus b >/dev/null
touch "$T/ask"
runs 'sway says that b can be seen' within 4 [ -e "$T/answered" ]
runs 'as it is true then' eval "jq -e '[.. | objects | select(.sandbox_instance_id? == \"b\" and .visible)] | length == 1' '$T/answer' >/dev/null"
spine focus a >/dev/null
rm "$T/slow"
touch "$T/tell"
runs 'told when a is in front, it does not keep b awake' within 10 frozen_is b 1
runs 'and a is' frozen_is a 0
end
