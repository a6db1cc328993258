# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# An apt with its own folder, lists and suite, which leaves the system's alone; Debian's signatures are checked. Sourced.

APT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_private DIR TYPE SUITE MIRROR: prepares DIR. TYPE is deb or deb-src. Afterwards: APT_CONFIG=DIR/apt.conf apt-get ...
apt_private() {
    local dir=$1 type=$2 suite=$3 mirror=$4
    command -v apt-get >/dev/null || { printf 'apt: no apt-get on this system to fetch from Debian with\n' >&2; return 1; }
    [ -r "$APT_KEYRING" ] || {
        printf "apt: cannot check Debian's signatures: %s is missing; install debian-archive-keyring\n" "$APT_KEYRING" >&2
        return 1
    }
    mkdir -p "$dir"/{etc/apt.conf.d,etc/sources.list.d,etc/preferences.d,etc/trusted.gpg.d,lists/partial,cache/archives/partial}
    : >"$dir/status"
    cat >"$dir/etc/sources.list.d/debian.sources" <<SOURCES
Types: $type
URIs: $mirror
Suites: $suite
Components: main
Signed-By: $APT_KEYRING
SOURCES
    cat >"$dir/apt.conf" <<CONF
Dir::Etc "$dir/etc";
Dir::State "$dir";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "";
APT::Update::Post-Invoke "";
APT::Update::Post-Invoke-Success "";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
CONF
    # A proxy or time-out set for the whole machine still counts.
    apt-config dump Acquire::http 2>/dev/null | grep -E '^Acquire::http::(Proxy|Timeout)' >>"$dir/apt.conf" || true
}
