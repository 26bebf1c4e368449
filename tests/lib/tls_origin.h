#ifndef TESTS_TLS_ORIGIN_H
#define TESTS_TLS_ORIGIN_H
/*
 * An https server for tests and benchmarks, with a CA of its own: OpenSSL, one connection after another, each answered
 * once and closed. It knows how many handshakes were taken up again, which is the only honest witness of that.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum tls_origin_certificate {
	TLS_ORIGIN_GOOD, /* for the address that was connected to, and for good.example */
	TLS_ORIGIN_EXPIRED,
	TLS_ORIGIN_NOT_YET,
	TLS_ORIGIN_WRONG_NAME,
	TLS_ORIGIN_SELF_SIGNED,
	TLS_ORIGIN_OTHER_CA, /* signed with another key by a CA of the same name */
};

struct tls_origin_options {
	enum tls_origin_certificate certificate;
	int max_version;         /* TLS1_2_VERSION and such; 0: the newest */
	int min_version;
	int want_client;         /* a client has to show a certificate of our CA */
	int rsa;                 /* an RSA-2048 key instead of P-256 */
	long ticket_s;           /* lifetime of sessions; 0: OpenSSL's */
	const char *reply;       /* without: 304 to a conditional request, else a small feed with an ETag */
};

struct tls_origin_counts { /* may live in shared memory */
	_Atomic uint64_t connections, handshakes, resumed, requests, with_client;
	char last_request[4096];
};

struct tls_origin {
	int port;
	char dir[64];            /* holds ca.pem, client.pem (certificate and key) */
	char ca_file[96], client_file[96];
	struct tls_origin_counts *counts;
	/* private */
	struct tls_origin_options options;
	int fd, pid;
	pthread_t thread;
	atomic_int stop;
	struct tls_origin_secrets *secrets;
};

void tls_origin_start(struct tls_origin *o, const struct tls_origin_options *options); /* on a thread, every address of 127/8 */
void tls_origin_fork(struct tls_origin *o, const struct tls_origin_options *options);  /* as a process, so that its CPU is not ours */
void tls_origin_stop(struct tls_origin *o);

#endif
