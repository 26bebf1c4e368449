#include "tls_sessions.h"

#include <openssl/ssl.h>
#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"

struct session {
	size_t at; /* in all */
	char *key;
	char *bytes;
	size_t len;
	bool single_use;
	int64_t expires_ms;
	SSL_SESSION *open; /* the same, or NULL */
	size_t open_at;    /* in s->open */
};

struct tls_sessions {
	struct map *by_key;
	struct session **all; /* for picking one at random */
	size_t n, capacity;
	size_t max_sessions, max_bytes, bytes;
	uint64_t random;
	struct session *open[LIMIT_TLS_OPEN_SESSIONS];
	size_t n_open;
};

static size_t cost(size_t key_len, size_t len)
{
	return sizeof(struct session) + sizeof(struct session *) + 2 * key_len + len;
}

struct tls_sessions *tls_sessions_new(size_t max_sessions, size_t max_bytes)
{
	struct tls_sessions *s = mem_new(struct tls_sessions);

	s->by_key = map_new();
	s->max_sessions = max_sessions;
	s->max_bytes = max_bytes;
	digest_random(&s->random, sizeof(s->random));
	s->random |= 1;
	return s;
}

static void close_session(struct tls_sessions *s, struct session *one)
{
	if (!one->open)
		return;
	SSL_SESSION_free(one->open);
	one->open = NULL;
	s->open[one->open_at] = s->open[--s->n_open];
	s->open[one->open_at]->open_at = one->open_at;
}

static void drop(struct tls_sessions *s, struct session *one)
{
	close_session(s, one);
	s->bytes -= cost(strlen(one->key), one->len);
	s->all[one->at] = s->all[--s->n];
	s->all[one->at]->at = one->at;
	(void)map_remove(s->by_key, one->key);
	explicit_bzero(one->bytes, one->len);
	mem_free(one->bytes);
	mem_free(one->key);
	mem_free(one);
}

struct tls_sessions *tls_sessions_free(struct tls_sessions *s)
{
	if (!s)
		return NULL;
	while (s->n)
		drop(s, s->all[s->n - 1]);
	map_free(s->by_key, NULL);
	mem_free(s->all);
	mem_free(s);
	return NULL;
}

/* xorshift64: which one goes need not be a secret, only no pattern. */
static size_t any(struct tls_sessions *s, size_t n)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random % n;
}

void tls_sessions_forget(struct tls_sessions *s, const char *key)
{
	struct session *one = map_get(s->by_key, key);

	if (one)
		drop(s, one);
}

static void append(struct tls_sessions *s, struct session *one)
{
	if (s->n == s->capacity) {
		s->capacity = s->capacity ? 2 * s->capacity : 16;
		s->all = mem_resize_array(s->all, s->capacity, sizeof(*s->all));
	}
	one->at = s->n;
	s->all[s->n++] = one;
	(void)map_put(s->by_key, one->key, one);
}

void tls_sessions_put(struct tls_sessions *s, const char *key, const void *bytes, size_t len, bool single_use, int64_t expires_ms)
{
	size_t wanted = cost(strlen(key), len);
	struct session *one;

	tls_sessions_forget(s, key);
	if (wanted > s->max_bytes || s->max_sessions == 0 || len == 0)
		return;
	while (s->n >= s->max_sessions || s->bytes + wanted > s->max_bytes)
		drop(s, s->all[any(s, s->n)]);
	one = mem_new(struct session);
	one->key = mem_dup_str(key);
	one->bytes = mem_dup_bytes(bytes, len);
	one->len = len;
	one->single_use = single_use;
	one->expires_ms = expires_ms;
	s->bytes += wanted;
	append(s, one);
}

bool tls_sessions_take(struct tls_sessions *s, const char *key, int64_t now_ms, struct buf *out)
{
	struct session *one = map_get(s->by_key, key);
	bool good = one && now_ms < one->expires_ms;

	if (good)
		buf_append(out, one->bytes, one->len);
	if (one && (!good || one->single_use))
		drop(s, one);
	return good;
}

void tls_sessions_keep_open(struct tls_sessions *s, const char *key, SSL_SESSION *session)
{
	struct session *one = map_get(s->by_key, key);

	if (!one || SSL_SESSION_up_ref(session) != 1)
		return;
	close_session(s, one);
	if (s->n_open == LIMIT_TLS_OPEN_SESSIONS)
		close_session(s, s->open[any(s, s->n_open)]);
	one->open = session;
	one->open_at = s->n_open;
	s->open[s->n_open++] = one;
}

SSL_SESSION *tls_sessions_take_open(struct tls_sessions *s, const char *key, int64_t now_ms)
{
	struct session *one = map_get(s->by_key, key);
	SSL_SESSION *session = one ? one->open : NULL;

	if (!session || now_ms >= one->expires_ms || !SSL_SESSION_is_resumable(session) || SSL_SESSION_up_ref(session) != 1)
		return NULL;
	if (one->single_use)
		drop(s, one);
	return session;
}

size_t tls_sessions_open(const struct tls_sessions *s)
{
	return s->n_open;
}

size_t tls_sessions_count(const struct tls_sessions *s)
{
	return s->n;
}

size_t tls_sessions_bytes(const struct tls_sessions *s)
{
	return s->bytes;
}
