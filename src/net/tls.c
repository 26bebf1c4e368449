#include "tls.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>

#include "syndicated/base/clock.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "tls_sessions.h"

struct trust { /* what one file of certificates held */
	X509_STORE *store; /* NULL: nothing */
	struct timespec modified;
	off_t size;
	int64_t look_again_mono_ms;
};

struct tls {
	struct map *trusts; /* by path */
	struct map *distrusted; /* by key: a long, X509_V_ERR_*; of connections that are being concluded */
	struct tls_sessions *sessions;
	uint64_t full, resumed, stores_read;
};

struct context { /* belongs to an SSL_CTX, which outlives the transfer that made it */
	struct tls *tls;
	char *key;
	bool kept; /* a session of this connection; servers send two tickets, and one is enough */
};

static int context_index = -1;

static void free_context(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long arg, void *arg_ptr)
{
	struct context *c = ptr;

	(void)parent, (void)data, (void)index, (void)arg, (void)arg_ptr;
	if (!c)
		return;
	mem_free(c->key);
	mem_free(c);
}

struct tls *tls_new(void)
{
	struct tls *t = mem_new(struct tls);

	if (context_index < 0)
		context_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_context);
	t->trusts = map_new();
	t->distrusted = map_new();
	t->sessions = tls_sessions_new(LIMIT_TLS_SESSIONS, LIMIT_TLS_SESSION_BYTES);
	return t;
}

static void free_trust(void *value)
{
	struct trust *trust = value;

	X509_STORE_free(trust->store);
	mem_free(trust);
}

void tls_start_over(struct tls *t)
{
	map_free(t->trusts, free_trust);
	t->trusts = map_new();
	tls_sessions_free(t->sessions);
	t->sessions = tls_sessions_new(LIMIT_TLS_SESSIONS, LIMIT_TLS_SESSION_BYTES);
}

struct tls *tls_free(struct tls *t)
{
	if (!t)
		return NULL;
	map_free(t->trusts, free_trust);
	map_free(t->distrusted, mem_free);
	tls_sessions_free(t->sessions);
	mem_free(t);
	return NULL;
}

bool tls_fits_libcurl(struct err *err)
{
	const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;

	if (library && text_has_prefix(library, "OpenSSL/3"))
		return true;
	(void)err_set(err, ERR_INVALID, "libcurl does its TLS with %s; it has to be built with OpenSSL 3, as this program is",
	              library ? library : "nothing");
	return false;
}

/* ---- whom we trust ---- */

static bool has_changed(const struct trust *trust, const struct stat *now)
{
	return trust->size != now->st_size || trust->modified.tv_sec != now->st_mtim.tv_sec ||
	       trust->modified.tv_nsec != now->st_mtim.tv_nsec;
}

/* Any certificate in the file is enough, also one that is not a root: who lists it trusts it. Without memory, some are left out. */
static X509_STORE *read_store(const char *path)
{
	unsigned refusals = mem_refusals();
	X509_STORE *store = X509_STORE_new();

	if (store && X509_STORE_load_file(store, path) == 1 && X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1 && mem_refusals() == refusals)
		return store;
	X509_STORE_free(store);
	return NULL;
}

/* Reading the system's bundle takes some 20 ms; so it is done once, and again only when the file is another one. */
static X509_STORE *trusted_by(struct tls *t, const char *path)
{
	struct trust *trust = map_get(t->trusts, path);
	int64_t now = clock_mono_ms(&clock_system);
	struct stat info = {0};

	if (!trust) {
		trust = mem_new(struct trust);
		trust->size = -1;
		(void)map_put(t->trusts, path, trust);
	}
	if (now < trust->look_again_mono_ms)
		return trust->store;
	trust->look_again_mono_ms = now + LIMIT_TRUST_LOOK_MS;
	if (stat(path, &info) == 0 && has_changed(trust, &info)) {
		X509_STORE *store = read_store(path);

		t->stores_read++;
		if (store) {
			X509_STORE_free(trust->store);
			trust->store = store;
		}
		/* One that is being written is another one the next time; until then the old one holds, and without that it is tried again. */
		trust->size = trust->store ? info.st_size : -1;
		trust->modified = info.st_mtim;
	}
	if (!trust->store)
		trust->look_again_mono_ms = 0;
	return trust->store;
}

/* ---- sessions ---- */

/* A session is as good as the certificate that was verified when it was made, but not for longer than a day. */
static int64_t expiry_of(SSL_SESSION *session, int64_t now_ms)
{
	bool has_ticket = SSL_SESSION_has_ticket(session) && SSL_SESSION_get_ticket_lifetime_hint(session) > 0;
	int64_t seconds = has_ticket ? (int64_t)SSL_SESSION_get_ticket_lifetime_hint(session) : SSL_SESSION_get_timeout(session);
	X509 *peer = SSL_SESSION_get0_peer(session);
	int64_t ms = seconds > LIMIT_TLS_SESSION_S ? (int64_t)LIMIT_TLS_SESSION_S * 1000 : seconds * 1000;
	int days = 0, rest = 0;

	if (peer && ASN1_TIME_diff(&days, &rest, NULL, X509_get0_notAfter(peer)) == 1) {
		int64_t left = ((int64_t)days * 86400 + rest) * 1000;

		ms = left < ms ? left : ms;
	}
	return now_ms + ms;
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct context *c = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index);
	unsigned char *bytes = NULL;
	int len;

	if (!c || c->kept || !SSL_SESSION_is_resumable(session))
		return 0;
	len = i2d_SSL_SESSION(session, &bytes);
	if (len > 0) {
		c->kept = true;
		tls_sessions_put(c->tls->sessions, c->key, bytes, (size_t)len, SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION,
		                 expiry_of(session, clock_unix_ms(&clock_system)));
		tls_sessions_keep_open(c->tls->sessions, c->key, session);
		OPENSSL_clear_free(bytes, (size_t)len);
	}
	return 0; /* we hold no reference */
}

static SSL_SESSION *read_session(struct context *c, int64_t now_ms)
{
	struct buf bytes = BUF_INIT(LIMIT_TLS_SESSION_BYTES);
	SSL_SESSION *session = NULL;

	if (tls_sessions_take(c->tls->sessions, c->key, now_ms, &bytes)) {
		const unsigned char *p = (const unsigned char *)bytes.bytes;

		session = d2i_SSL_SESSION(NULL, &p, (long)bytes.len);
		explicit_bzero(bytes.bytes, bytes.len);
	}
	buf_done(&bytes);
	return session;
}

static void offer_session(SSL *ssl, struct context *c)
{
	int64_t now_ms = clock_unix_ms(&clock_system);
	SSL_SESSION *session = tls_sessions_take_open(c->tls->sessions, c->key, now_ms);

	if (!session)
		session = read_session(c, now_ms);
	if (session)
		(void)SSL_set_session(ssl, session);
	SSL_SESSION_free(session);
}

/* An alert of ours while the chain does not hold is about that. */
static void note_distrust(const SSL *ssl, struct context *c)
{
	long why = SSL_get_verify_result(ssl);
	long *kept;

	if (why == X509_V_OK || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE)
		return;
	kept = mem_new(long);
	*kept = why;
	mem_free(map_put(c->tls->distrusted, c->key, kept));
}

/* libcurl gives us its contexts, not its connections; this is where we first see one. */
static void handshake(const SSL *ssl, int where, int ret)
{
	struct context *c = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index);

	(void)ret;
	if (!c)
		return;
	if ((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT)
		note_distrust(ssl, c);
	if (where & SSL_CB_HANDSHAKE_START)
		offer_session((SSL *)(uintptr_t)ssl, c);
	else if ((where & SSL_CB_HANDSHAKE_DONE) && SSL_session_reused(ssl))
		c->tls->resumed++;
	else if (where & SSL_CB_HANDSHAKE_DONE)
		c->tls->full++;
}

bool tls_set_up(struct tls *t, void *context, const char *ca_file, const char *key)
{
	SSL_CTX *ctx = context;
	X509_STORE *store = ca_file ? trusted_by(t, ca_file) : NULL;
	struct context *c;

	if (ca_file && !store)
		return false;
	if (store)
		SSL_CTX_set1_cert_store(ctx, store);
	c = mem_new(struct context);
	c->tls = t;
	c->key = mem_dup_str(key);
	if (SSL_CTX_set_ex_data(ctx, context_index, c) != 1) {
		free_context(NULL, c, NULL, 0, 0, NULL);
		return false;
	}
	SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET); /* libcurl sets it; sessions of TLS 1.2 would be kept by few servers */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	SSL_CTX_set_info_callback(ctx, handshake);
	return true;
}

void tls_forget(struct tls *t, const char *key)
{
	tls_sessions_forget(t->sessions, key);
}

long tls_distrust(const struct tls *t, const char *key)
{
	const long *why = map_get(t->distrusted, key);

	return why ? *why : X509_V_OK;
}

void tls_forget_distrust(struct tls *t, const char *key)
{
	mem_free(map_remove(t->distrusted, key));
}

struct tls_figures tls_figures(const struct tls *t)
{
	return (struct tls_figures){
		.full = t->full,
		.resumed = t->resumed,
		.sessions = tls_sessions_count(t->sessions),
		.session_bytes = tls_sessions_bytes(t->sessions),
		.stores_read = t->stores_read,
	};
}
