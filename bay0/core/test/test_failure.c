/* SPDX-License-Identifier: MIT
 * What podman 5.8.6 said on standard error in the Spine, and what bay0 makes of it. */
#include "core/inspect.h"
#include "sample.h"
#include "tests/t.h"

static struct err e;

static const struct {
    int status;
    const char *text;
    enum err_code code;
} failures[] = {
    {125, "Error: localhost/none:1: image not known\n", ERR_NO_IMAGE},
    {125,
     "Trying to pull 127.0.0.1:5000/bb:nope...\nError: unable to copy from source "
     "docker://127.0.0.1:5000/bb:nope: "
     "initializing source docker://127.0.0.1:5000/bb:nope: reading manifest nope in 127.0.0.1:5000/bb: "
     "manifest "
     "unknown\n",
     ERR_NO_IMAGE},
    {125, "Error: creating temp directory: archive file not found: \"/persist/nope.tar\"\n", ERR_NO_IMAGE},
    {125, "Error: open /persist/nope/manifest.json: no such file or directory\n", ERR_NO_IMAGE},
    {125, "Error: loading tar component \"manifest.json\": file does not exist\n", ERR_NO_IMAGE},
    {125, "Error: Source image rejected: Running image tarball:/mnt/img.tar is rejected by policy.\n",
     ERR_NOT_ALLOWED},
    {125,
     "Trying to pull 127.0.0.1:5999/bb:1...\ntime=\"2026-11-22T02:16:11Z\" level=warning msg=\"Failed, "
     "retrying in 2s "
     "... (1/2). Error: initializing source docker://127.0.0.1:5999/bb:1: pinging container registry "
     "127.0.0.1:5999: "
     "Get \\\"http://127.0.0.1:5999/v2/\\\": dial tcp 127.0.0.1:5999: connect: connection refused\"\nError: "
     "unable to "
     "copy from source docker://127.0.0.1:5999/bb:1: initializing source docker://127.0.0.1:5999/bb:1: "
     "pinging "
     "container registry 127.0.0.1:5999: Get \"http://127.0.0.1:5999/v2/\": dial tcp 127.0.0.1:5999: "
     "connect: "
     "connection refused\n",
     ERR_PULL},
    {125,
     "Trying to pull docker.io/library/debian:12...\nError: unable to copy from source docker://debian:12: "
     "initializing source docker://debian:12: pinging container registry registry-1.docker.io: Get "
     "\"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on [::1]:53: read udp "
     "[::1]:44659->[::1]:53: read: connection refused\n",
     ERR_PULL},
    {125,
     "Trying to pull 192.168.76.99:5000/nothere:latest...\nError: unable to copy from source "
     "docker://192.168.76.99:5000/nothere:latest: initializing source "
     "docker://192.168.76.99:5000/nothere:latest: pinging container registry 192.168.76.99:5000: Get "
     "\"https://192.168.76.99:5000/v2/\": dial tcp 192.168.76.99:5000: connect: no route to host\n",
     ERR_PULL},
    {125,
     "Error: creating container storage: the container name \"persona-work\" is already in use by "
     "9486c44d5e3c7eb6ccdcd32553954dbb3627cd38022a32fdacaba6e4fbff0802. You have to remove that container to "
     "be able "
     "to reuse that name: that name is already in use, or use --replace to instruct Podman to do so.\n",
     ERR_PODMAN},
    {125, "Error: statfs /run/spine/persona/full/bay0.sock: no such file or directory\n", ERR_PODMAN},
    {125, "Error: no container with name or ID \"persona-zz\" found: no such container\n", ERR_PODMAN},
    {127,
     "Error: crun: executable file `/bin/nope` not found: No such file or directory: OCI runtime attempted "
     "to invoke a "
     "command that was not found\n",
     ERR_PODMAN},
    {125,
     "Error: could not find \"netavark\" in one of [/usr/libexec/podman /usr/lib/podman /usr/bin].  To "
     "resolve this "
     "error, set the helper_binaries_dir key in the `[engine]` section of containers.conf to the directory "
     "containing "
     "your helper binaries.\n",
     ERR_PODMAN},
    {125,
     "Trying to pull 127.0.0.1:5001/one:1...\nGetting image source signatures\nCopying blob "
     "sha256:9d49e859\nError: "
     "unable to copy from source docker://127.0.0.1:5001/one:1: writing blob: storing blob to file "
     "\"/persist/tmp/container_images_storage4173309402/1\": happened during read: (heuristic tuning data: "
     "total 797402 "
     "@1439.308 ms, last retry 397860 @177.600 ms, last progress @ 1.561 ms): unexpected EOF\n",
     ERR_PULL},
    {125,
     "Error: unable to copy from source docker://127.0.0.1:5000/small:1: writing blob: storing blob to file "
     "\"/persist/tmp/container_images_storage3115498764/1\": happened during read: Digest did not match, "
     "expected "
     "sha256:00f12acf7d8bba0d23139ecfc0c57410343f0d9813b46ca7a450da8c134e74c5, got "
     "sha256:93f82dae2236a4305f50e4d55999766cb71d731cb3949e02e2f1ce4f964903d0\n",
     ERR_PULL},
    {125,
     "Trying to pull 127.0.0.1:5000/small:1...\nError: unable to copy from source "
     "docker://127.0.0.1:5000/small:1: "
     "initializing destination "
     "containers-storage:[overlay@/persist/containers+/run/containers:imagestore=/usr/share/"
     "spine/images]127.0.0.1:5000/small:1: creating a temporary directory: mkdir "
     "/persist/tmp/container_images_storage1782332476: no space left on device\n",
     ERR_DISK_FULL},
    {126, "Error: OCI runtime error: crun: mkdir `/home/persona`: No space left on device\n", ERR_DISK_FULL},
    {125,
     "Error: saving container aba44a05f46f state: writing container aba44a05f46f state: database or disk is "
     "full\n",
     ERR_DISK_FULL},
    {125,
     "Error: loading index: open /persist/tmp/pull-junk/container_images_oci2599843745/index.json: no such "
     "file or directory\n",
     ERR_NO_IMAGE},
    {127, "", ERR_NO_PODMAN},
    {125, "", ERR_PODMAN},
    {125, "\n\n", ERR_PODMAN},
};

static void test_failures(void)
{
    static const char broken[] =
        "Error: unable to copy from source docker://127.0.0.1:5001/one:1: writing blob: storing blob to file "
        "\"/persist/tmp/container_images_storage4173309402/1\": happened during read: (heuristic tuning "
        "data: total "
        "797402 @1439.308 ms, last retry 397860 @177.600 ms, last progress @ 1.561 ms): unexpected EOF";
    static const char ansi[] = "Error: \033[2Jmanifest unknown";

    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        memset(&e, 0, sizeof e);
        T_INT(podman_failure(failures[i].status, failures[i].text, strlen(failures[i].text), "cannot do it",
                             &e),
              -1);
        T_INT(e.code, failures[i].code);
        T(strncmp(e.message, "cannot do it: ", 14) == 0 && strlen(e.message) > 20);
        T(!strchr(e.message, '\n') && !strstr(e.message, "Error: "));
    }
    T_INT(podman_failure(125, failures[0].text, strlen(failures[0].text), "x", NULL), -1);
    /* The cause stands at the end of a long line. */
    memset(&e, 0, sizeof e);
    podman_failure(125, broken, sizeof broken - 1, "x", &e);
    T(strstr(e.message, "x: unable to copy") == e.message && strstr(e.message, " ... "));
    T(strlen(e.message) == 3 + 199 && strcmp(e.message + strlen(e.message) - 14, "unexpected EOF") == 0);
    /* A registry's words never reach a terminal as they are. */
    memset(&e, 0, sizeof e);
    podman_failure(125, ansi, sizeof ansi - 1, "x", &e);
    T_STR(e.message, "x: ?[2Jmanifest unknown");
    T_INT(e.code, ERR_NO_IMAGE);
}

static void test_pull(void)
{
    static const struct {
        const char *line, *step;
    } lines[] = {
        {"Trying to pull 127.0.0.1:5000/bb:1...", "resolve"},
        {"Getting image source signatures", "resolve"},
        {"Copying blob sha256:00f12acf7d8bba0d23139ecfc0c57410343f0d9813b46ca7a450da8c134e74c5", "copy"},
        {"Copying blob sha256:808c293c52636648011fc34e2c0a4028e53e4df29693adeb6b2121a678022f0d", "copy"},
        {"time=\"2026-11-22T02:16:11Z\" level=warning msg=\"Failed, retrying in 2s ... (1/2). Error: x\"",
         "retry"},
        {"Copying config sha256:13948af862032058ef0ab410c1c3386e80d8723d4d18f783f438ba4d4e1c40b0", "config"},
        {"Writing manifest to image destination", "store"},
    };
    struct pull_progress p = {0};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        T(pull_line(&p, lines[i].line, strlen(lines[i].line)));
        T_STR(p.step, lines[i].step);
        if (strcmp(p.step, "retry") == 0)
            T(strncmp(p.detail, "Failed, retrying in 2s ... (1/2)", 32) == 0);
    }
    T_INT(p.blobs_seen, 2);
    T(!pull_line(&p, "", 0) && !pull_line(&p, "time=\"x\" level=warning msg=\"other\"", 34));
    T(pull_line(&p, "Copying blob \001\002", 15));
    T_STR(p.detail, "Copying blob ??");
    T(!pull_line(&p, "13948af862032058ef0ab410c1c3386e80d8723d4d18f783f438ba4d4e1c40b0", 64));
}

static void test_id(void)
{
    static const char id[] = "13948af862032058ef0ab410c1c3386e80d8723d4d18f783f438ba4d4e1c40b0\n";
    char out[65];

    T(pull_image_id(id, 65, out) && strncmp(out, id, 64) == 0);
    T(pull_image_id("x\n13948af862032058ef0ab410c1c3386e80d8723d4d18f783f438ba4d4e1c40b0", 66, out));
    T(!pull_image_id(id + 1, 64, out) && !pull_image_id("", 0, out) && !pull_image_id("\n\n", 2, out));
    T(!pull_image_id("--privileged8862032058ef0ab410c1c3386e80d8723d4d18f783f438ba4d4e1", 64, out));
}

static void test_name_taken(void)
{
    static const char taken[] =
        "Error: creating container storage: the container name \"persona-work\" is already in "
        "use by 9486c4. You have to remove that container to be able to reuse that name: that "
        "name is already in use, or use --replace to instruct Podman to do so.\n";
    static const char stray[] =
        "Error: creating container storage: the container name \"persona-temp1\" is already in use by "
        "895b6d. "
        "You have to remove that container to be able to reuse that name: that name is already in use by an "
        "external entity, or use --replace to instruct Podman to do so.\n";

    T(podman_name_taken(taken, sizeof taken - 1));
    T(!podman_name_taken(taken, 40));
    T(!podman_name_taken("Error: database is locked\n", 26));
    T(podman_name_stray(stray, sizeof stray - 1) && !podman_name_taken(stray, sizeof stray - 1));
    T(!podman_name_stray(taken, sizeof taken - 1));
}

int main(void)
{
    test_name_taken();
    test_failures();
    test_pull();
    test_id();
    return t_done();
}
