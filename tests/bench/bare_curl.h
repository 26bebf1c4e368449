#ifndef BENCH_BARE_CURL_H
#define BENCH_BARE_CURL_H
/* What curl alone needs for conditional GETs, a new connection each: the references of bench_poll. */

enum { BARE_URL_BYTES = 128 };

struct bare_job {
	void (*url_of)(unsigned i, int port, char out[BARE_URL_BYTES]);
	int port;
	unsigned n, in_flight; /* in_flight easy handles, used again without a reset */
};

/* Both return the microseconds of CPU of this process a transfer. */
double bare_perform_us(const struct bare_job *job); /* curl_multi_perform() and curl_multi_poll() */
double bare_socket_us(const struct bare_job *job);  /* curl_multi_socket_action() on libevent */

#endif
