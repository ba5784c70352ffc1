/*
 * /usr/bin/pgwatchd: becomes the bundled Node runtime with pgwatchd's program.
 *
 * Node cannot open a Unix datagram socket. So this opens the one of NOTIFY_SOCKET, connects it without blocking, and hands
 * its number over as SDN_FD; exec keeps the process id, so that systemd knows the sender (NotifyAccess=main).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef NODE
#define NODE "/usr/lib/pgwatchd/node"
#endif
#ifndef PROGRAM
#define PROGRAM "/usr/lib/pgwatchd/pgwatchd.cjs"
#endif

/*
 * For a small process that sleeps most of the time: the young generation small, a limit that turns a leak into a restart, no
 * helper threads of V8, and no compiler for code that runs now and then; what runs hot (a search for damaged pages) is still
 * compiled, by the one compiler that is left. 5 MB less memory, at no more processor time.
 */
static char *const node_options[] = {
    NODE,
    "--max-semi-space-size=1",
    "--max-old-space-size=128",
    "--optimize-for-size",
    "--single-threaded",
    "--no-sparkplug",
    "--no-maglev",
    "--invocation-count-for-turbofan=100000",
    PROGRAM,
};
#define NODE_OPTIONS_COUNT (sizeof node_options / sizeof node_options[0])

/* The descriptor of a connected, non-blocking socket; -1 where nobody listens: not a reason to refuse work. */
static int connect_notify_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';

    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return -1;
    if (connect(descriptor, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + length) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

static void hand_over_notify_socket(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    int descriptor = path ? connect_notify_socket(path) : -1;
    char number[16];
    unsetenv("SDN_FD");
    if (descriptor < 0)
        return;
    snprintf(number, sizeof number, "%d", descriptor);
    setenv("SDN_FD", number, 1);
}

/* Compiled code is kept only where systemd made a place for it; what a shell says about other Node programs is not for this one. */
static void prepare_node(void)
{
    const char *cache = getenv("CACHE_DIRECTORY");
    unsetenv("NODE_OPTIONS");
    unsetenv("NODE_PATH");
    unsetenv("NODE_COMPILE_CACHE");
    if (cache && *cache)
        setenv("NODE_COMPILE_CACHE", cache, 1);
    /* Memory that was freed goes back to the system. Programs that the daemon starts get an environment of their own. */
    setenv("MALLOC_ARENA_MAX", "1", 0);
    setenv("MALLOC_TRIM_THRESHOLD_", "65536", 0);
}

int main(int count, char **arguments)
{
    char **command = calloc(NODE_OPTIONS_COUNT + (size_t)count + 1, sizeof *command);
    if (!command) {
        fprintf(stderr, "pgwatchd: cannot start: %s\n", strerror(errno));
        return 71;
    }
    memcpy(command, node_options, sizeof node_options);
    for (int i = 1; i < count; i++)
        command[NODE_OPTIONS_COUNT + (size_t)i - 1] = arguments[i];

    hand_over_notify_socket();
    prepare_node();
    execv(NODE, command);
    fprintf(stderr, "pgwatchd: cannot run %s: %s; reinstall the package: apt-get install --reinstall pgwatchd\n", NODE, strerror(errno));
    return 71;
}
