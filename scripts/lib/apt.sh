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

# apt_unpack DIR SUITE MIRROR PACKAGE...: these packages' files, without what they depend on, at DIR; nothing half done is left there.
apt_unpack() {
    local dir=$1 suite=$2 mirror=$3 work deb status=0
    shift 3
    work=$(mktemp -d)
    mkdir "$work/unpacked" "$work/tree"
    {
        apt_private "$work" deb "$suite" "$mirror" &&
            env APT_CONFIG="$work/apt.conf" apt-get -q update >&2 &&
            (cd "$work/unpacked" && env APT_CONFIG="$work/apt.conf" apt-get -q download "$@" >&2) &&
            for deb in "$work"/unpacked/*.deb; do dpkg-deb -x "$deb" "$work/tree" || break; done &&
            mkdir -p "${dir%/*}" && rm -rf "$dir" && mv "$work/tree" "$dir"
    } || status=1
    rm -rf "$work"
    return "$status"
}
