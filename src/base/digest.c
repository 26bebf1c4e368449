#include "syndicated/base/digest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "syndicated/base/mem.h"

/* A call of the library costs more than the hash of a few bytes, so short pieces are put together first. */
enum { PENDING_BYTES = 512 };

struct digest_state {
	EVP_MD_CTX *ctx;
	size_t n_pending;
	char pending[PENDING_BYTES];
};

/* Fetching goes through OpenSSL's locked tables and costs more than the hash of a short field: it is done once. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

/* So does making a state, which costs ten times the hash of an id: each thread keeps the one it ended last. */
static pthread_key_t spare;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "syndicated: %s; nothing can be identified or signed without it; stopping\n", what);
	abort();
}

static void check(int ok)
{
	if (!ok)
		give_up("libcrypto refused to compute SHA-256");
}

static void release_sha256(void)
{
	EVP_MD_free(sha256);
	sha256 = NULL;
}

static void *lend(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return size > 0 ? mem_lend(size) : NULL;
}

static void take_back(void *p, const char *file, int line)
{
	(void)file, (void)line;
	mem_free(p);
}

static void *lend_again(void *old, size_t size, const char *file, int line)
{
	if (size > 0)
		return mem_lend_resize(old, size);
	take_back(old, file, line);
	return NULL;
}

/* Refused, and so of no harm, when OpenSSL has memory already. */
static void lend_to_openssl(void)
{
	(void)CRYPTO_set_mem_functions(lend, lend_again, take_back);
}

void digest_lend_memory(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, lend_to_openssl);
}

static void release_state(void *state)
{
	struct digest_state *s = state;

	EVP_MD_CTX_free(s->ctx);
	mem_free(s);
}

static void fetch_sha256(void)
{
	digest_lend_memory();
	check(pthread_key_create(&spare, release_state) == 0);
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	/* Registered behind OpenSSL's own handler, which thus runs later. */
	if (sha256 != NULL)
		atexit(release_sha256);
}

static const EVP_MD *get_sha256(void)
{
	pthread_once(&fetched, fetch_sha256);
	check(sha256 != NULL);
	return sha256;
}

struct digest digest_of(const void *p, size_t len)
{
	struct digest d;

	check(EVP_Digest(p, len, d.bytes, NULL, get_sha256(), NULL));
	return d;
}

struct digest digest_hmac(const void *key, size_t key_len, const void *p, size_t len)
{
	struct digest d;
	unsigned written = 0;

	assert(key_len <= INT32_MAX);
	/* A NULL key would mean "the key of last time". */
	check(HMAC(get_sha256(), key != NULL ? key : "", (int)key_len, p, len, d.bytes, &written) != NULL);
	check(written == DIGEST_BYTES);
	return d;
}

struct digest_state *digest_begin(void)
{
	const EVP_MD *md = get_sha256();
	struct digest_state *s = pthread_getspecific(spare);

	if (s) {
		check(pthread_setspecific(spare, NULL) == 0);
		return s;
	}
	s = mem_new(struct digest_state);
	s->ctx = EVP_MD_CTX_new();
	check(s->ctx != NULL);
	check(EVP_DigestInit_ex2(s->ctx, md, NULL));
	return s;
}

static void flush(struct digest_state *s)
{
	if (s->n_pending)
		check(EVP_DigestUpdate(s->ctx, s->pending, s->n_pending));
	s->n_pending = 0;
}

void digest_add(struct digest_state *s, const void *p, size_t len)
{
	if (len > PENDING_BYTES - s->n_pending)
		flush(s);
	if (len > PENDING_BYTES) {
		check(EVP_DigestUpdate(s->ctx, p, len));
	} else if (len > 0) {
		memcpy(s->pending + s->n_pending, p, len);
		s->n_pending += len;
	}
}

void digest_add_field(struct digest_state *s, const char *text)
{
	/* No text has this length, so that NULL differs from every text. */
	uint64_t len = text != NULL ? strlen(text) : UINT64_MAX;
	uint8_t prefix[8];

	for (int i = 0; i < 8; i++)
		prefix[i] = (uint8_t)(len >> (8 * i));
	digest_add(s, prefix, sizeof(prefix));
	if (text != NULL)
		digest_add(s, text, (size_t)len);
}

struct digest digest_next(struct digest_state *s)
{
	struct digest d;

	flush(s);
	check(EVP_DigestFinal_ex(s->ctx, d.bytes, NULL));
	check(EVP_DigestInit_ex2(s->ctx, NULL, NULL));
	return d;
}

struct digest digest_end(struct digest_state *s)
{
	struct digest d = digest_next(s);

	if (pthread_getspecific(spare) || pthread_setspecific(spare, s) != 0)
		release_state(s);
	return d;
}

void digest_hex(const void *p, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = p;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void digest_append_base64(struct buf *out, const void *p, size_t len)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)bytes[i] << 16;
		v |= n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		v |= n > 2 ? bytes[i + 2] : 0;
		char quad[4] = {base64[v >> 18], base64[v >> 12 & 63], n > 1 ? base64[v >> 6 & 63] : '=', n > 2 ? base64[v & 63] : '='};
		buf_append(out, quad, sizeof(quad));
	}
}

/* RFC 4648 section 3.5: bits behind the last byte must be zero, so that each value has one form. */
static bool decode_quad(const char *quad, bool last, uint8_t bytes[3], size_t *ret_len)
{
	size_t len = !last || quad[3] != '=' ? 3 : quad[2] != '=' ? 2 : 1;
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		const char *found = i <= len ? strchr(base64, quad[i]) : base64;
		if (found == NULL)
			return false;
		v = v << 6 | (uint32_t)(found - base64);
	}
	for (size_t i = 0; i < 3; i++)
		bytes[i] = (uint8_t)(v >> (16 - 8 * i));
	*ret_len = len;
	return (len == 3 || bytes[len] == 0) && (len != 1 || bytes[2] == 0);
}

int digest_decode_base64(const char *text, struct buf *out)
{
	size_t text_len = strlen(text);
	size_t before = out->len;

	if (text_len % 4 != 0)
		return ERR_INVALID;
	for (size_t i = 0; i < text_len; i += 4) {
		uint8_t bytes[3];
		size_t len;
		if (!decode_quad(text + i, i + 4 == text_len, bytes, &len)) {
			/* A refused text leaves nothing behind. */
			if (out->bytes != NULL && out->error == 0) {
				out->len = before;
				out->bytes[before] = '\0';
			}
			return ERR_INVALID;
		}
		buf_append(out, bytes, len);
	}
	return buf_error(out);
}

void digest_base32(const void *p, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	const uint8_t *bytes = p;
	uint32_t pending = 0;
	int bits = 0;

	for (size_t i = 0; i < len; i++) {
		pending = pending << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = digits[pending >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = digits[pending << (5 - bits) & 31];
	*out = '\0';
}

void digest_random(void *out, size_t len)
{
	uint8_t *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			give_up("the kernel gives no random bytes");
		p += n;
		len -= (size_t)n;
	}
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
