/* Plain blocking sockets on a thread; the port is the kernel's choice on 127.0.0.1. */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "script_server.h"

static void read_request(int fd, char *out)
{
	size_t len = 0;
	ssize_t got;

	out[0] = '\0';
	while (len < SCRIPT_REQUEST_BYTES - 1 && !strstr(out, "\r\n\r\n")) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, 3000) <= 0 || (got = read(fd, out + len, SCRIPT_REQUEST_BYTES - 1 - len)) <= 0)
			break;
		len += (size_t)got;
		out[len] = '\0';
	}
}

static void play(int fd, const struct script *s)
{
	size_t len = s->len ? s->len : strlen(s->bytes);
	char drop[256];

	if (s->head)
		send(fd, s->head, strlen(s->head), MSG_NOSIGNAL);
	for (int i = 0; i < (s->repeat ? s->repeat : 1); i++) {
		if (send(fd, s->bytes, len, MSG_NOSIGNAL) < 0)
			return;
	}
	if (s->hold_ms)
		poll(NULL, 0, s->hold_ms);
	shutdown(fd, SHUT_WR);
	while (read(fd, drop, sizeof drop) > 0)
		continue;
}

static void *run(void *arg)
{
	struct script_server *s = arg;

	while (!atomic_load(&s->stop)) {
		struct pollfd p = {.fd = s->fd, .events = POLLIN};
		int n = atomic_load(&s->n_requests);
		int fd;

		if (poll(&p, 1, 20) <= 0 || (fd = accept(s->fd, NULL, NULL)) < 0)
			continue;
		if (n < 16)
			read_request(fd, s->requests[n]);
		atomic_store(&s->n_requests, n + 1);
		if ((size_t)n < s->n_scripts)
			play(fd, &s->scripts[n]);
		close(fd);
	}
	return NULL;
}

void script_server_start(struct script_server *s, const struct script *scripts, size_t n)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;

	memset(s, 0, sizeof *s);
	s->scripts = scripts;
	s->n_scripts = n;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(s->fd, 16) < 0 ||
	    getsockname(s->fd, (struct sockaddr *)&a, &len) < 0 || pthread_create(&s->thread, NULL, run, s) != 0)
		abort();
	s->port = ntohs(a.sin_port);
}

void script_server_stop(struct script_server *s)
{
	atomic_store(&s->stop, 1);
	pthread_join(s->thread, NULL);
	close(s->fd);
}
