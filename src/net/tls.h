#ifndef NET_TLS_H
#define NET_TLS_H
/*
 * What all TLS connections of a client share: trusted certificates, read once a file, and the sessions of all hosts.
 * libcurl 7.88 makes a context a connection and keeps eight sessions; it lets us into each context (performance.md 2).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/err.h"

struct tls;
struct tls *tls_new(void);
struct tls *tls_free(struct tls *t); /* after all connections are closed */

/* False, with a message, when libcurl does its TLS with another library, so that tls_set_up() could not work. */
bool tls_fits_libcurl(struct err *err);

/*
 * Sets up one connection's context (an SSL_CTX *): trust from ca_file unless that is NULL, and the session of key, which
 * names the host, the port and all that trust depends on. False when ca_file holds nothing to trust.
 */
bool tls_set_up(struct tls *t, void *context, const char *ca_file, const char *key);
/* After OpenSSL went without memory: what it holds may be half, and a certificate that it could not look into it refuses for good. */
void tls_start_over(struct tls *t);
void tls_forget(struct tls *t, const char *key); /* after a handshake failed: not again with the same session */

/*
 * Why the certificate that the server of key showed was not believed, as an X509_V_ERR_*; X509_V_OK when it was, or none came.
 * libcurl 7.88 does not tell when the signature is wrong: of that OpenSSL says more than one sentence, and it reads the first.
 */
long tls_distrust(const struct tls *t, const char *key);
void tls_forget_distrust(struct tls *t, const char *key); /* by whoever set up key's connection, when it is done with it */

struct tls_figures {
	uint64_t full, resumed; /* handshakes that came to their end */
	size_t sessions, session_bytes;
	uint64_t stores_read;   /* how often a file of certificates was read */
};
struct tls_figures tls_figures(const struct tls *t);

#endif
