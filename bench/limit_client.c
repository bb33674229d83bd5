/* The limit: the least that a client can spend on the journeys of the benchmark. Raw epoll, one thread,
   everything it sends prepared once, and of what it receives it looks at the frame lengths only.

   A journey: TCP connect, upgrade with an Authorization header and a subprotocol, welcome, one request, its
   events, close 1000. Every user starts its next journey as soon as one has ended, until all journeys are
   started. */
#include "limit_report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum state { CONNECTING, READING_HEAD, OPEN, CLOSING, IDLE };
enum { MAX_HEADER = 10, OPCODE_TEXT = 1, OPCODE_CLOSE = 8 };

struct user {
    int fd;
    uint32_t payload_left;
    uint16_t texts; /* text frames received: the welcome and the events */
    uint8_t state;
    uint8_t matched; /* of the blank line that ends the response's head */
    uint8_t header_size;
    uint8_t header[MAX_HEADER];
};

struct client {
    int epoll;
    int port;
    long users;
    long journeys_total;
    long events;
    double limit_seconds;
    bool idle;
    bool lateness;
    long started;
    bool stdin_open;
    char request[256]; /* one masked frame */
    size_t request_size;
    char upgrade[1024];
    size_t upgrade_size;
    struct user* all;
    struct report report;
};

static const uint8_t mask[4] = {0x11, 0x22, 0x33, 0x44};
static const char close_frame[] = {(char)0x88, (char)0x82, 0x11,        0x22,
                                   0x33,       0x44,       0x03 ^ 0x11, (char)(0xe8 ^ 0x22)};
static char buffer[65536];

static void fail(const char* doing)
{
    fprintf(stderr, "limit_client: %s: %s\n", doing, strerror(errno));
    exit(2);
}

static void prepare(struct client* client)
{
    static const char text[] =
        "{\"type\":\"start_agent\",\"payload\":{\"user_request\":\"limit-0123456789abcdef "
        "please\",\"thread_id\":null,\"settings\":{}}}";
    const size_t size = sizeof text - 1;
    client->request[0] = (char)0x81;
    client->request[1] = (char)(0x80 | size);
    memcpy(client->request + 2, mask, sizeof mask);
    for (size_t i = 0; i < size; ++i) client->request[6 + i] = (char)(text[i] ^ mask[i % 4]);
    client->request_size = 6 + size;
    client->upgrade_size = (size_t)snprintf(
        client->upgrade, sizeof client->upgrade,
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: jwt-auth\r\nAuthorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJzdWIiOiJ1LWxpbWl0IiwidHlwZSI6ImFjY2VzcyIsImlhdCI6MCwiZXhwIjo0MTAyNDQ0ODAwfQ."
        "bm90IGEgc2lnbmF0dXJl\r\n\r\n",
        client->port);
}

static bool send_all(int fd, const char* bytes, size_t size)
{
    return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size; /* a fresh socket has room for it */
}

static void start(struct client* client, struct user* user);

/* The user's journey is over; the next one begins, if any is left. */
static void finish(struct client* client, struct user* user, bool failed)
{
    close(user->fd);
    user->fd = -1;
    if (failed)
        ++client->report.failures;
    else
        ++client->report.journeys;
    start(client, user);
}

static void start(struct client* client, struct user* user)
{
    if (client->started == client->journeys_total) return;
    ++client->started;
    memset(user, 0, sizeof *user);
    user->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (user->fd < 0) fail("socket");
    const int on = 1;
    setsockopt(user->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)client->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(user->fd, (const struct sockaddr*)&address, sizeof address) != 0 && errno != EINPROGRESS) {
        fail("connect");
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = user};
    if (epoll_ctl(client->epoll, EPOLL_CTL_ADD, user->fd, &event) != 0) fail("epoll_ctl");
}

static bool take_text(struct client* client, struct user* user)
{
    ++user->texts;
    if (user->texts == 1) {
        if (++client->report.welcomed == client->users) {
            client->report.all_welcomed = monotonic_seconds() - client->report.began;
        }
        if (client->idle) {
            user->state = IDLE;
            return true;
        }
        return send_all(user->fd, client->request, client->request_size);
    }
    if (user->texts != 1 + client->events) return true;
    user->state = CLOSING;
    return send_all(user->fd, close_frame, sizeof close_frame);
}

static size_t header_needed(const struct user* user)
{
    if (user->header_size < 2) return 2;
    return user->header[1] == 127 ? 10 : user->header[1] == 126 ? 4 : 2;
}

static uint32_t payload_size(const struct user* user)
{
    if (user->header[1] < 126) return user->header[1];
    uint32_t size = 0; /* frames of 4 GiB do not occur */
    const size_t needed = header_needed(user);
    for (size_t i = 2; i < needed; ++i) size = size << 8 | user->header[i];
    return size;
}

/* Walks over received frames. Returns -1 for an error, 1 when the journey is complete, else 0. */
static int take_frames(struct client* client, struct user* user, const char* bytes, size_t size)
{
    while (size > 0) {
        if (user->payload_left > 0) {
            const size_t skipped = size < user->payload_left ? size : user->payload_left;
            user->payload_left -= (uint32_t)skipped;
            bytes += skipped;
            size -= skipped;
        } else {
            user->header[user->header_size++] = (uint8_t)*bytes++;
            --size;
            if (user->header_size < header_needed(user)) continue;
            user->payload_left = payload_size(user);
        }
        if (user->payload_left > 0) continue;
        const int opcode = user->header[0] & 0x0f;
        user->header_size = 0;
        if (opcode == OPCODE_CLOSE) return user->state == CLOSING ? 1 : -1;
        if (opcode == OPCODE_TEXT && !take_text(client, user)) return -1;
    }
    return 0;
}

/* The response's head: "HTTP/1.1 101" and everything up to the blank line. Returns how many bytes belong to
 * it. */
static size_t take_head(struct user* user, const char* bytes, size_t size)
{
    static const char blank_line[] = "\r\n\r\n";
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] == blank_line[user->matched])
            ++user->matched;
        else
            user->matched = bytes[i] == '\r';
        if (user->matched == 4) {
            user->state = OPEN;
            return i + 1;
        }
    }
    return size;
}

static void readable(struct client* client, struct user* user)
{
    ssize_t size = 0;
    do {
        size = recv(user->fd, buffer, sizeof buffer, 0);
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) {
            finish(client, user, true);
            return;
        }
        size_t skipped = 0;
        if (user->state == READING_HEAD) {
            const bool refused = size >= 12 && user->matched == 0 && memcmp(buffer, "HTTP/1.1 ", 9) == 0 &&
                                 memcmp(buffer + 9, "101", 3) != 0;
            skipped = take_head(user, buffer, (size_t)size);
            if (refused) {
                finish(client, user, true);
                return;
            }
        }
        if (client->lateness) report_lateness(&client->report, buffer + skipped, (size_t)size - skipped);
        const int result = take_frames(client, user, buffer + skipped, (size_t)size - skipped);
        if (result != 0) {
            finish(client, user, result < 0);
            return;
        }
    } while (size == (ssize_t)sizeof buffer); /* a shorter read has emptied the socket */
}

static void handle(struct client* client, struct user* user, uint32_t events)
{
    if (user->state == CONNECTING && (events & EPOLLOUT) != 0 && (events & (EPOLLERR | EPOLLHUP)) == 0) {
        user->state = READING_HEAD;
        if (!send_all(user->fd, client->upgrade, client->upgrade_size)) {
            finish(client, user, true);
            return;
        }
    }
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) readable(client, user);
}

/* In idle mode the client lives until its standard input ends. */
static void handle_stdin(struct client* client)
{
    char ignored[256];
    if (read(STDIN_FILENO, ignored, sizeof ignored) <= 0) client->stdin_open = false;
}

static bool is_over(const struct client* client)
{
    if (client->idle) return !client->stdin_open;
    return client->report.journeys + client->report.failures == client->journeys_total;
}

static void play(struct client* client)
{
    struct epoll_event ready[512];
    long printed = 0;
    client->report.began = monotonic_seconds();
    for (long i = 0; i < client->users; ++i) start(client, &client->all[i]);
    while (!is_over(client)) {
        const double left = client->report.began + client->limit_seconds - monotonic_seconds();
        const bool waits_for_stdin = client->idle && client->report.welcomed >= client->users;
        if (left <= 0 && !waits_for_stdin) return;
        const int count =
            epoll_wait(client->epoll, ready, 512, waits_for_stdin ? -1 : (int)(left * 1000) + 1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; ++i) {
            if (ready[i].data.ptr == client)
                handle_stdin(client);
            else
                handle(client, ready[i].data.ptr, ready[i].events);
        }
        const bool progressed =
            client->report.welcomed >= printed + 1000 || client->report.welcomed == client->users;
        if (client->idle && progressed && client->report.welcomed != printed) {
            printed = client->report.welcomed;
            report_print(&client->report, printed == client->users ? "all_welcomed" : "connecting");
        }
    }
}

static void watch_stdin(struct client* client)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    client->stdin_open = epoll_ctl(client->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0;
    if (!client->stdin_open) fail("idle mode needs a pipe or terminal as standard input");
}

static void parse(struct client* client, int argc, char** argv)
{
    static const char usage[] =
        "usage: limit_client --port P [--users N] [--journeys-total J] [--events K] [--limit SECONDS]\n"
        "                    [--mode journeys|idle] [--lateness yes|no]\n"
        "  idle: connect N users at once, print progress, hold them until standard input ends\n"
        "  lateness: also report how late events arrive by their timestamps (the server's microseconds)\n";
    for (int i = 1; i < argc; i += 2) {
        const char* const value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--port") == 0)
            client->port = atoi(value);
        else if (strcmp(argv[i], "--users") == 0)
            client->users = atol(value);
        else if (strcmp(argv[i], "--journeys-total") == 0)
            client->journeys_total = atol(value);
        else if (strcmp(argv[i], "--events") == 0)
            client->events = atol(value);
        else if (strcmp(argv[i], "--limit") == 0)
            client->limit_seconds = atof(value);
        else if (strcmp(argv[i], "--mode") == 0)
            client->idle = strcmp(value, "idle") == 0;
        else if (strcmp(argv[i], "--lateness") == 0)
            client->lateness = strcmp(value, "yes") == 0;
        else
            client->port = 0, i = argc;
    }
    if (client->port <= 0 || client->users <= 0 || client->events <= 0 || client->events > 60000) {
        fputs(usage, stderr);
        exit(2);
    }
    if (client->idle || client->journeys_total < client->users) client->journeys_total = client->users;
}

int main(int argc, char** argv)
{
    struct client client = {.users = 100, .events = 5, .limit_seconds = 60};
    parse(&client, argc, argv);
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    client.epoll = epoll_create1(EPOLL_CLOEXEC);
    client.all = calloc((size_t)client.users, sizeof *client.all);
    if (client.epoll < 0 || client.all == NULL) fail("starting");
    prepare(&client);
    if (client.idle) watch_stdin(&client);
    play(&client);
    if (!client.idle) client.report.failures = client.journeys_total - client.report.journeys;
    report_print(&client.report, "end");
    return client.report.failures == 0 ? 0 : 1;
}
