# What matters for security of podman's inspect ($i) and of the configuration that crun was given ($o), one `name value` a line. What differs
# from persona to persona, and from start to start, is put in general terms.
def plain:
    if type == "string" then
        gsub("[0-9a-f]{64}"; "HASH") | gsub("\\b(desk|seal|agnt|devl)\\b"; "ID") | gsub("\\b5[0-9]{8}\\b"; "RANGE")
    elif type == "number" and . >= 536870912 and . < 1000000000 then "RANGE"
    else . end;
def lines($name): . as $v | "\($name) \($v | walk(plain) | tojson)";
def each($name): if type == "array" and length > 0 then .[] | lines($name) else lines($name) end;
$i[0][0] as $i | $o[0] as $o |
($i | (.AppArmorProfile | lines("apparmor")),
    (.EffectiveCaps | each("effective")), (.BoundingCaps | each("bounding")),
    (.HostConfig | (to_entries[] | select(.key | IN("Annotations", "Binds", "ConsoleSize", "Tmpfs", "Ulimits", "SecurityOpt", "LogConfig") | not)
        | .key as $k | .value | lines("host." + $k)),
        (.SecurityOpt | sort | each("host.SecurityOpt")), (.Ulimits | each("host.Ulimits")),
        (.Tmpfs | to_entries[] | .key as $k | .value | lines("host.Tmpfs " + $k)), (.Binds | sort | each("host.Binds"))),
    (.Config | (.User, .Tty, .OpenStdin, .Umask, .Passwd, .sdNotifyMode | lines("config"))),
    (.UseImageHosts | lines("image hosts")), (.UseImageHostname | lines("image hostname"))),
($o | (.process | (.user | lines("user")), (.noNewPrivileges | lines("no new privileges")), (.oomScoreAdj | lines("oom score")),
        (.apparmorProfile | lines("oci apparmor")), (.selinuxLabel | lines("oci label")), (.rlimits | each("rlimit")),
        (.capabilities | to_entries[] | .key as $k | .value | lines("capabilities " + $k))),
    (.root.readonly | lines("root read-only")), (.hooks | lines("hooks")),
    (.mounts | sort_by(.destination) | .[] | [.destination, .type, .source, .options] | lines("mount")),
    (.linux | (.namespaces | sort_by(.type) | each("namespace")), (.maskedPaths | unique | each("masked")), (.readonlyPaths | sort | each("read-only")),
        (.devices | each("device")), (.uidMappings | each("uid map")), (.gidMappings | each("gid map")), (.cgroupsPath | lines("cgroup")),
        (.sysctl | lines("sysctl")), (.rootfsPropagation | lines("propagation")), (.resources | lines("resources")),
        (.seccomp | (del(.syscalls) | lines("seccomp")), (.syscalls | length | lines("seccomp rules")))))
