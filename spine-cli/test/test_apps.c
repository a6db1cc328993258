/* SPDX-License-Identifier: MIT
 * Tests of the list of programs, with a tree of entries as a careless or hostile persona may have it. */
#include "spine-cli/apps.h"
#include "spine-cli/apps_files.h"
#include "tests/t.h"

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64], *text;
static size_t size;

static void put(const char *path, const char *what, size_t len, mode_t mode)
{
    char full[4096];
    FILE *f;

    snprintf(full, sizeof full, "%s/%s", root, path);
    for (char *c = full + strlen(root) + 1; *c; c++)
        if (*c == '/') {
            *c = '\0';
            mkdir(full, 0755);
            *c = '/';
        }
    f = fopen(full, "w");
    if (!f || fwrite(what, 1, len, f) != len || fclose(f) || chmod(full, mode))
        abort();
}

static void entry(const char *path, const char *keys)
{
    char all[8192];
    int n = snprintf(all, sizeof all, "[Desktop Entry]\nType=Application\n%s\n", keys);

    put(path, all, (size_t)n, 0644);
}

static void names(const char *home, const char *dirs, const char *path)
{
    char value[4096];

    snprintf(value, sizeof value, "%s/%s", root, home);
    setenv("XDG_DATA_HOME", value, 1);
    snprintf(value, sizeof value, "%s/%s:relative:%s/absent::", root, dirs, root);
    setenv("XDG_DATA_DIRS", value, 1);
    snprintf(value, sizeof value, "%s/%s", root, path);
    setenv("PATH", value, 1);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
}

static void print(bool json)
{
    FILE *f;

    free(text);
    text = NULL;
    f = open_memstream(&text, &size);
    if (!f)
        abort();
    apps_print(json, f);
    fclose(f);
}

/* The line of an id, owned by the caller; NULL when there is none. */
static json_t *line_of(const char *id)
{
    const char *at = text;
    json_t *found = NULL;

    while (*at && !found) {
        size_t len = strcspn(at, "\n");
        json_t *line = json_loadb(at, len, JSON_REJECT_DUPLICATES, NULL);
        const char *name = json_string_value(json_object_get(line, "id"));

        if (name && strcmp(name, id) == 0)
            found = json_incref(line);
        json_decref(line);
        at += len + (at[len] == '\n');
    }
    return found;
}

static bool listed(const char *id)
{
    json_t *line = line_of(id);

    json_decref(line);
    return line != NULL;
}

static void make_tree(void)
{
    put("bin/prog", "x", 1, 0755);
    put("bin/foot", "x", 1, 0755);
    put("bin/plain", "x", 1, 0644);
    entry("sys/applications/prog.desktop", "Name=Prog\nName[de]=Programm\nExec=prog --new %U\nIcon=prog");
    entry("sys/applications/kde/deep.desktop", "Name=Deep\nExec=prog");
    entry("sys/applications/a/b/c/toodeep.desktop", "Name=Deep\nExec=prog");
    entry("sys/applications/term.desktop", "Name=Term\nExec=prog\nTerminal=true");
    entry("sys/applications/masked.desktop", "Name=Masked\nExec=prog");
    entry("home/applications/masked.desktop", "Hidden=true");
    entry("sys/applications/own.desktop", "Name=System\nExec=prog");
    entry("home/applications/own.desktop", "Name=Own\nExec=prog");
    entry("sys/applications/absent.desktop", "Name=Absent\nExec=absent");
    entry("sys/applications/noexec.desktop", "Name=Plain\nExec=plain");
    entry("sys/applications/try.desktop", "Name=Try\nExec=prog\nTryExec=absent");
    entry("sys/applications/dir.desktop", "Name=Dir\nExec=/");
    entry("sys/applications/broken.desktop", "Name=Broken\nExec=prog 'x");
    entry("sys/applications/.hidden.desktop", "Name=Dot\nExec=prog");
    entry("sys/applications/other.txt", "Name=Text\nExec=prog");
    entry("sys/applications/path.desktop", "Name=Path\nExec=prog\nIcon=../../../etc/passwd");
    entry("sys/applications/big.desktop", "Name=Big\nExec=prog\nIcon=big");
    put("sys/applications/empty.desktop", "", 0, 0644);
    put("sys/icons/hicolor/48x48/apps/prog.png", "PNG", 3, 0644);
    put("sys/icons/hicolor/256x256/apps/prog.png", "OTHER", 5, 0644);
}

static void make_traps(void)
{
    static char much[APPS_ICON_MAX + 1];
    char path[4096], to[4096];

    snprintf(path, sizeof path, "%s/sys/applications/pipe.desktop", root);
    T_INT(mkfifo(path, 0644), 0);
    snprintf(path, sizeof path, "%s/sys/applications/loop", root);
    snprintf(to, sizeof to, "%s/sys/applications", root);
    T_INT(symlink(to, path), 0);
    snprintf(path, sizeof path, "%s/sys/applications/zero.desktop", root);
    T_INT(symlink("/dev/zero", path), 0);
    snprintf(path, sizeof path, "%s/sys/applications/bad\xff.desktop", root);
    entry("sys/applications/bad\xff.desktop", "Name=x\nExec=prog");
    put("sys/icons/hicolor/48x48/apps/big.png", much, sizeof much, 0644);
    put("sys/pixmaps/big.png", "small", 5, 0644);
}

static void test_json(void)
{
    json_t *line;
    char *command;

    names("home", "sys", "bin");
    print(true);
    line = line_of("prog.desktop");
    command = json_dumps(json_object_get(line, "command"), JSON_COMPACT);
    T_STR(command, "[\"prog\",\"--new\"]");
    T_STR(json_string_value(json_object_get(line, "name")), "Programm");
    T_STR(json_string_value(json_object_get(line, "icon")), "UE5H");
    free(command);
    json_decref(line);
    line = line_of("term.desktop");
    command = json_dumps(json_object_get(line, "command"), JSON_COMPACT);
    T_STR(command, "[\"foot\",\"prog\"]");
    free(command);
    json_decref(line);
    line = line_of("own.desktop");
    T_STR(json_string_value(json_object_get(line, "name")), "Own");
    json_decref(line);
    line = line_of("big.desktop");
    T_STR(json_string_value(json_object_get(line, "icon")), "c21hbGw=");
    json_decref(line);
    line = line_of("path.desktop");
    T(line && !json_object_get(line, "icon"));
    json_decref(line);
    T(listed("kde-deep.desktop"));
}

static void test_left_out(void)
{
    static const char *const out[] = {"masked.desktop",  "absent.desktop", "noexec.desktop",
                                      "try.desktop",     "dir.desktop",    "broken.desktop",
                                      ".hidden.desktop", "other.txt",      "empty.desktop",
                                      "pipe.desktop",    "zero.desktop",   "a-b-c-toodeep.desktop"};

    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        T_NAMED(!listed(out[i]), out[i]);
    T_NAMED(strstr(text, "bad") == NULL, "an entry whose name is no UTF-8");
    print(false);
    T(strstr(text, "Programm") && strstr(text, " prog --new\n"));
    T(strstr(text, " foot prog\n"));
}

static void test_many(void)
{
    char path[64];
    size_t lines = 0;

    for (int i = 0; i < APPS_MAX + 50; i++) {
        snprintf(path, sizeof path, "many/applications/n%d.desktop", i);
        entry(path, "Name=Many\nExec=prog");
    }
    names("absent", "many", "bin");
    print(true);
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    T_INT(lines, APPS_MAX + 1);
    T(strstr(text, "{\"end\":256}\n") != NULL);
    names("absent", "absent", "bin");
    print(true);
    T_STR(text, "{\"end\":0}\n");
}

int main(void)
{
    char line[100];

    snprintf(root, sizeof root, "/tmp/spine-apps-XXXXXX");
    if (!mkdtemp(root))
        return 1;
    make_tree();
    make_traps();
    test_json();
    test_left_out();
    test_many();
    free(text);
    setenv("PATH", "/usr/bin:/bin", 1);
    snprintf(line, sizeof line, "rm -r %s", root);
    T_INT(system(line), 0);
    return t_done();
}
