#ifndef NET_TLS_SESSIONS_H
#define NET_TLS_SESSIONS_H
/*
 * TLS sessions of all hosts, as bytes, so that the next handshake with a host costs half (performance.md section 2).
 * Bounded in number and bytes. What is full gives up one at random: polls of more hosts than fit go round in a circle, in
 * which the least recently used is always the next one needed. Kept in memory only (decision 010). One thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"

struct tls_sessions;
struct ssl_session_st; /* OpenSSL's SSL_SESSION */
struct tls_sessions *tls_sessions_new(size_t max_sessions, size_t max_bytes);
struct tls_sessions *tls_sessions_free(struct tls_sessions *s); /* NULL-safe, returns NULL; overwrites the secrets */

/* Replaces what the key had. Nothing is kept of a session that is larger than all may be. */
void tls_sessions_put(struct tls_sessions *s, const char *key, const void *bytes, size_t len, bool single_use, int64_t expires_ms);
/* Appends the session to out; true when there was one that is still good. One for single use is gone then (RFC 8446 C.4). */
bool tls_sessions_take(struct tls_sessions *s, const char *key, int64_t now_ms, struct buf *out);

/*
 * Beside the bytes of the key's session, the session itself, which saves reading them; it takes a reference. A bounded number
 * are: when that is reached, one at random goes back to being bytes only.
 */
void tls_sessions_keep_open(struct tls_sessions *s, const char *key, struct ssl_session_st *session);
/* In place of tls_sessions_take(): a reference for the caller, or NULL when there is none, or bytes only. */
struct ssl_session_st *tls_sessions_take_open(struct tls_sessions *s, const char *key, int64_t now_ms);
size_t tls_sessions_open(const struct tls_sessions *s);

void tls_sessions_forget(struct tls_sessions *s, const char *key);

size_t tls_sessions_count(const struct tls_sessions *s);
size_t tls_sessions_bytes(const struct tls_sessions *s); /* as counted against max_bytes: sessions, keys and their places */

#endif
