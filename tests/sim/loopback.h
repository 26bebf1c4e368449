#ifndef TESTS_SIM_LOOPBACK_H
#define TESTS_SIM_LOOPBACK_H
/* A small web server on loopback, one process and one loop: what the origins of the simulations share. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VALIDATOR_BYTES = 64 };

/* A listening socket at any address; port 0: any. Exits when there is none. */
int loopback_listen(int *port);

struct loopback {
	int listener;
	int port;
	/* Answers one request, which is NUL-terminated, head only; false: the connection is to be closed. */
	bool (*answer)(int fd, const char *request);
	/* While *is_down nobody listens and nothing is connected; *was_seen says that it is so. NULL: never. */
	_Atomic bool *is_down, *was_seen;
};
_Noreturn void loopback_serve(struct loopback *l);

/* Returns when all that had been sent to the server at that port before is answered, by connections that are closed by now, too. */
void loopback_settle(int port);

void loopback_send(int fd, const char *bytes, size_t len);
/* The value of a request field; "" and false when there is none. */
bool loopback_header(const char *request, const char *name, char out[VALIDATOR_BYTES]);
void loopback_date(int64_t unix_ms, char out[VALIDATOR_BYTES]); /* as HTTP writes it */

#endif
