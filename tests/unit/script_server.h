#ifndef TESTS_SCRIPT_SERVER_H
#define TESTS_SCRIPT_SERVER_H
/* A web server that plays byte scripts: one connection after another, each answered by the next script. */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { SCRIPT_REQUEST_BYTES = 8192 };

struct script {
	const char *bytes;
	size_t len;    /* 0: strlen */
	int repeat;    /* how often `bytes` is sent behind `head` (0: once) */
	const char *head;
	int hold_ms;   /* silence before the connection is closed */
};

struct script_server {
	int port;
	int fd;
	pthread_t thread;
	const struct script *scripts;
	size_t n_scripts;
	char requests[16][SCRIPT_REQUEST_BYTES];
	atomic_int n_requests; /* connections that were accepted */
	atomic_int stop;
};

void script_server_start(struct script_server *s, const struct script *scripts, size_t n);
void script_server_stop(struct script_server *s);

#endif
