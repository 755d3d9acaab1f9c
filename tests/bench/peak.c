/*
 * peak: runs a command, its output thrown away, and prints the most memory
 * it held, in KiB.
 *
 *   peak COMMAND...
 *
 * A process's ru_maxrss begins with what its parent held, so whoever
 * measures must be smaller than what is measured; bench.py is not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    pid_t pid;
    int status;

    if (argc < 2) {
        (void)fputs("usage: peak COMMAND...\n", stderr);
        return 127;
    }
    pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);

        if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
            (void)execvp(argv[1], &argv[1]);
        perror(argv[1]);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
        perror("peak");
        return 127;
    }
    (void)printf("%ld\n", usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}
