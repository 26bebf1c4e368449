#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 256, REQUEST_BYTES = 4096, LOOK_MS = 5 };

struct connection {
	int fd;
	size_t len;
	char request[REQUEST_BYTES];
};

static struct connection connections[MAX_CONNECTIONS];

int loopback_listen(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
	socklen_t len = sizeof a;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    listen(fd, 256) < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0) {
		perror("listen");
		exit(2);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

void loopback_send(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

bool loopback_header(const char *request, const char *name, char out[VALIDATOR_BYTES])
{
	size_t n = strlen(name);

	for (const char *line = strstr(request, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
		const char *end;

		if (strncasecmp(line + 2, name, n) != 0 || line[2 + n] != ':')
			continue;
		line += 2 + n + 1;
		line += strspn(line, " ");
		end = strstr(line, "\r\n");
		(void)snprintf(out, VALIDATOR_BYTES, "%.*s", (int)(end ? end - line : 0), line);
		return true;
	}
	out[0] = '\0';
	return false;
}

void loopback_date(int64_t ms, char out[VALIDATOR_BYTES])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, VALIDATOR_BYTES, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void drop(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void read_from(const struct loopback *l, struct connection *c)
{
	ssize_t n = recv(c->fd, c->request + c->len, sizeof c->request - 1 - c->len, 0);
	char *end;

	if (n <= 0) {
		drop(c);
		return;
	}
	c->len += (size_t)n;
	c->request[c->len] = '\0';
	end = strstr(c->request, "\r\n\r\n");
	if (!end && c->len + 1 < sizeof c->request)
		return;
	if (!end || !l->answer(c->fd, c->request))
		drop(c);
	c->len = 0;
}

static void accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);

	for (size_t i = 0; fd >= 0 && i < MAX_CONNECTIONS; i++) {
		if (connections[i].fd < 0) {
			connections[i] = (struct connection){.fd = fd};
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}

static void go_down(struct loopback *l)
{
	close(l->listener);
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		drop(&connections[i]);
	*l->was_seen = true;
	while (*l->is_down)
		(void)usleep(LOOK_MS * 1000);
	l->listener = loopback_listen(&l->port);
	*l->was_seen = false;
}

static void serve_once(struct loopback *l)
{
	struct pollfd fds[MAX_CONNECTIONS + 1];
	struct connection *owner[MAX_CONNECTIONS + 1];
	nfds_t n = 0;

	fds[n++] = (struct pollfd){.fd = l->listener, .events = POLLIN};
	for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
		if (connections[i].fd >= 0) {
			owner[n] = &connections[i];
			fds[n++] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
		}
	}
	if (poll(fds, n, l->is_down ? LOOK_MS : -1) < 0 && errno != EINTR)
		_exit(EXIT_FAILURE);
	for (nfds_t i = 1; i < n; i++) {
		if (fds[i].revents)
			read_from(l, owner[i]);
	}
	if (fds[0].revents)
		accept_one(l->listener);
}

/* Connections are accepted in their order, and one that asks for nothing is closed in a round that looks at all of them. */
void loopback_settle(int port)
{
	static const char nothing[] = "GET / HTTP/1.1\r\n\r\n";
	const struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (int round = 0; round < 2; round++) { /* the second is behind the end of the first one's round */
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		char c;

		if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) {
			loopback_send(fd, nothing, sizeof nothing - 1);
			while (recv(fd, &c, 1, 0) > 0)
				;
		}
		close(fd);
	}
}

_Noreturn void loopback_serve(struct loopback *l)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		connections[i].fd = -1;
	for (;;) {
		if (l->is_down && *l->is_down)
			go_down(l);
		else
			serve_once(l);
	}
}
