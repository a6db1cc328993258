/* SPDX-License-Identifier: MIT
 * Stops the process PID, which may be PID 1, and keeps it stopped: what a bay0 that is stuck looks like to
 * the machine. Usage: hold PID. Says `held` when it has it. For the QA variant only: bay0 has no such means
 * itself. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    pid_t pid = argc == 2 ? (pid_t)atoi(argv[1]) : 0;
    int status;

    if (pid <= 0)
        return 2;
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
        waitpid(pid, &status, 0) != pid) {
        perror("hold");
        return 1;
    }
    puts("held");
    fflush(stdout);
    for (;;)
        pause();
}
