/* SPDX-License-Identifier: MIT
 * Tests of desktop entries: what is read of good ones, and that bad ones give nothing. */
#include "spine-cli/desktop.h"
#include "tests/t.h"

static struct desktop_entry d;

static int parse(const char *text, const char *locale)
{
    return desktop_parse(text, strlen(text), locale, &d);
}

/* The words of an Exec line, "[a][b]"; "refused" when it breaks the rules. */
static const char *exec(const char *line)
{
    static char shown[8192];
    char text[8192];
    const char *at = d.text;

    snprintf(text, sizeof text, "[Desktop Entry]\nType=Application\nName=N\nIcon=pic\nExec=%s\n", line);
    if (parse(text, ""))
        return "refused";
    shown[0] = '\0';
    for (size_t i = 0; i < d.words; i++) {
        strcat(strcat(strcat(shown, "["), at), "]");
        at += strlen(at) + 1;
    }
    return shown;
}

static void test_exec(void)
{
    static const struct {
        const char *line, *words;
    } rows[] = {
        {"foot", "[foot]"},
        {"  foot   --server ", "[foot][--server]"},
        {"env A=b prog", "[env][A=b][prog]"},
        {"prog %f %F %u %U %d %D %n %N %v %m %k", "[prog]"},
        {"prog --file=%f x", "[prog][--file=][x]"},
        {"prog %i x", "[prog][--icon][pic][x]"},
        {"prog --title=%c", "[prog][--title=N]"},
        {"prog 100%%", "[prog][100%]"},
        {"\"/opt/a b/prog\" \"\" \"c\"", "[/opt/a b/prog][][c]"},
        {"prog \"say \\\"hi\\\" \\\\$HOME \\\\\\\\\"", "[prog][say \"hi\" $HOME \\]"},
        {"prog \"50%% 'x' (y) ; | &\"", "[prog][50% 'x' (y) ; | &]"},
        {"prog a\\sb", "[prog][a][b]"},
        /* against the rules */
        {"", "refused"},
        {"   ", "refused"},
        {"%f", "refused"},
        {"\"\"", "refused"},
        {"--option", "refused"},
        {"prog 'a b'", "refused"},
        {"prog $(reboot)", "refused"},
        {"prog `reboot`", "refused"},
        {"prog; reboot", "refused"},
        {"prog > /etc/passwd", "refused"},
        {"prog a\\nb", "refused"},
        {"prog \"a", "refused"},
        {"prog \"a\"b", "refused"},
        {"prog a\"b\"", "refused"},
        {"prog \"$HOME\"", "refused"},
        {"prog \"%f\"", "refused"},
        {"prog %z", "refused"},
        {"prog %", "refused"},
        {"prog \xff", "refused"},
        {"prog \x01", "refused"},
        {"prog \x7f", "refused"},
        {"prog \"a\\nb\"", "refused"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        T_STR(exec(rows[i].line), rows[i].words);
}

static void test_exec_limits(void)
{
    char line[6000] = "p";

    for (int i = 1; i < DESKTOP_WORDS_MAX; i++)
        strcat(line, " x");
    T(strcmp(exec(line), "refused") != 0);
    T_STR(exec(strcat(line, " x")), "refused");
    memset(line, 'a', 4094);
    line[4094] = '\0';
    T(strcmp(exec(line), "refused") != 0);
    strcpy(line + 4094, " \"\"");
    T_STR(exec(line), "refused");
    strcpy(line + 4094, "aa");
    T_STR(exec(line), "refused");
}

static void test_keys(void)
{
    static const char nul[] = "[Desktop Entry]\nType=Application\nName=a\0b\nExec=x\n";

    T_INT(
        parse("# a comment\n\n[Desktop Entry]\r\nType = Application\nName= Foot \nExec=foot\nTerminal=true\n"
              "TryExec=/usr/bin/foot\nIcon=foot\nName=Second\nExec=second\n[Desktop Action "
              "x]\nName=No\nHidden=true\n",
              ""),
        0);
    T(d.shown && d.terminal);
    T_STR(d.name, "Foot");
    T_STR(d.text, "foot");
    T_STR(d.try_exec, "/usr/bin/foot");
    T_STR(d.icon, "foot");

    T_INT(parse("[Desktop Entry]\nType=Link\nName=x\nURL=y\n", ""), 0);
    T(!d.shown);
    T_INT(parse("[Desktop Entry]\nType=Application\nNoDisplay=true\n", ""), 0);
    T(!d.shown);
    T_INT(parse("[Desktop Entry]\nType=Application\nHidden=true\n", ""), 0);
    T(!d.shown);
    T_INT(parse("[Desktop Entry]\nType=Application\nName=a\nExec=a\nOnlyShowIn=GNOME;\n", ""), 0);
    T(!d.shown);

    T_INT(parse("", ""), -1);
    T_INT(parse("Name=x\n[Desktop Entry]\nType=Application\nExec=x\n", ""), -1);
    T_INT(parse("[Other]\n[Desktop Entry]\nType=Application\nName=x\nExec=x\n", ""), -1);
    T_INT(parse("[Desktop Entry]\nType=Application\nExec=x\n", ""), -1);
    T_INT(parse("[Desktop Entry]\nType=Application\nName=\nExec=x\n", ""), -1);
    T_INT(parse("[Desktop Entry]\nType=Application\nName=x\n", ""), -1);
    T_INT(parse("[Desktop Entry]\nType=Application\nName=\xc3\x28\nExec=x\n", ""), -1);
    T_INT(desktop_parse(nul, sizeof nul - 1, "", &d), -1);
}

static const char *name_in(const char *locale)
{
    T_INT(parse("[Desktop Entry]\nType=Application\nExec=x\nName=plain\nName[de]=de\nName[de_CH]=de_CH\n"
                "Name[sr@latin]=latin\nName[sr]=sr\nName[]=none\n",
                locale),
          0);
    return d.name;
}

static void test_names(void)
{
    char text[1000] = "[Desktop Entry]\nType=Application\nExec=x\nName=";
    size_t head = strlen(text);

    T_STR(name_in(""), "plain");
    T_STR(name_in("C.UTF-8"), "plain");
    T_STR(name_in("de"), "de");
    T_STR(name_in("de_DE.UTF-8"), "de");
    T_STR(name_in("de_CH.UTF-8@euro"), "de_CH");
    T_STR(name_in("sr_RS@latin"), "latin");
    T_STR(name_in("sr_RS"), "sr");

    T_INT(parse("[Desktop Entry]\nType=Application\nExec=x\nName=a\\nb\x1b[31m\xe2\x80\xae"
                "c\n",
                ""),
          0);
    T_STR(d.name, "a?b?[31m?c");
    for (size_t i = 0; i < 100; i++)
        snprintf(text + head + 2 * i, 3, "\xc3\xa4");
    text[head + 200] = '\n';
    T_INT(parse(text, ""), 0);
    T_INT(strlen(d.name), 126); /* whole characters only */
}

static void test_long(void)
{
    static char text[DESKTOP_FILE_MAX + 2];
    const char *head = "[Desktop Entry]\nType=Application\nName=x\nExec=x\n";

    memset(text, '#', sizeof text);
    for (size_t i = 0; head[i]; i++)
        text[i] = head[i];
    T_INT(desktop_parse(text, DESKTOP_FILE_MAX, "", &d), 0);
    T_INT(desktop_parse(text, DESKTOP_FILE_MAX + 1, "", &d), -1);
}

int main(void)
{
    test_exec();
    test_exec_limits();
    test_keys();
    test_names();
    test_long();
    return t_done();
}
