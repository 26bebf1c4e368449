/*
 * The words of a text, for the index of search.c: FTS5's unicode61 with marks taken off the letters, and of scripts that do
 * not divide words every character by itself. A query is cut by the same rule, so that what someone types in Chinese is the
 * phrase of its characters. A trigram index would be three times as large and could not find words of two characters.
 */
#include "store_internal.h"

#include <string.h>

#include "syndicated/base/mem.h"

enum { WORD_BYTES = 255 /* of which the index sees no more */ };

struct words { /* one tokenizer */
	fts5_tokenizer base;
	Fts5Tokenizer *tokenizer;
	unsigned char folded[256]; /* what a byte is in a word; 0: it stands between two. No ASCII: itself, which unicode61 judges */
};

struct cutting {
	void *ctx;
	int (*take)(void *ctx, int flags, const char *word, int len, int start, int end);
	int from; /* where in the text the piece begins that unicode61 is at */
};

/* A character of a script without spaces between its words. s is UTF-8; *ret_len is the character's. */
static bool stands_alone(const unsigned char *s, size_t left, size_t *ret_len)
{
	uint32_t c;

	if (s[0] < 0xe0 || left < 3) {
		*ret_len = s[0] < 0xc0 || left < 2 ? 1 : 2;
		return false;
	}
	if (s[0] >= 0xf0 && left >= 4) {
		*ret_len = 4;
		c = (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 63) << 12;
		return c >= 0x20000 && c < 0x40000; /* rare Han */
	}
	*ret_len = 3;
	c = (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63);
	return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) /* kana, Han */
	       || (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x1000 && c <= 0x109f) || (c >= 0x1780 && c <= 0x17ff); /* Thai, Lao, Burmese, Khmer */
}

static int cut_word(void *ctx, int flags, const char *word, int len, int start, int end)
{
	const struct cutting *c = ctx;
	const unsigned char *s = (const unsigned char *)word;
	size_t n = (size_t)len < WORD_BYTES ? (size_t)len : WORD_BYTES, from = 0, at = 0, step;
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && at < n) {
		bool alone = stands_alone(s + at, n - at, &step);

		if (alone && at > from)
			rc = c->take(c->ctx, flags, word + from, (int)(at - from), c->from + start, c->from + end);
		if (alone && rc == SQLITE_OK)
			rc = c->take(c->ctx, flags, word + at, (int)step, c->from + start, c->from + end);
		at += step;
		if (alone)
			from = at;
	}
	if (rc == SQLITE_OK && at > from)
		rc = c->take(c->ctx, flags, word + from, (int)(at - from), c->from + start, c->from + end);
	return rc;
}

/* A run of bytes that are in words, and how it begins as it is kept; *ret_ascii: there is nothing else in it. */
static size_t read_run(const struct words *w, const unsigned char *s, size_t len, char out[WORD_BYTES], bool *ret_ascii)
{
	unsigned char all = 0;
	size_t n = 0;

	for (; n < len && w->folded[s[n]]; n++) {
		if (n < WORD_BYTES)
			out[n] = (char)w->folded[s[n]];
		all |= s[n];
	}
	*ret_ascii = all < 0x80;
	return n;
}

/* A word of ASCII alone is what unicode61 would make of it, and most are; the rest is given to it run by run. */
static int words_cut(Fts5Tokenizer *tokenizer, void *ctx, int flags, const char *text, int len,
                     int (*take)(void *, int, const char *, int, int, int))
{
	struct words *w = (struct words *)tokenizer;
	struct cutting c = {ctx, take, 0};
	char word[WORD_BYTES];
	bool ascii;
	int rc = SQLITE_OK;

	for (int at = 0; rc == SQLITE_OK && at < len;) {
		int n = (int)read_run(w, (const unsigned char *)text + at, (size_t)(len - at), word, &ascii);

		c.from = at;
		if (n && ascii)
			rc = take(ctx, 0, word, n < WORD_BYTES ? n : WORD_BYTES, at, at + n);
		else if (n)
			rc = w->base.xTokenize(w->tokenizer, &c, flags, text + at, n, cut_word);
		at += n ? n : 1;
	}
	return rc;
}

static void words_free(Fts5Tokenizer *tokenizer)
{
	struct words *w = (struct words *)tokenizer;

	w->base.xDelete(w->tokenizer);
	mem_free(w);
}

static void fold_bytes(unsigned char folded[256])
{
	for (int c = '0'; c <= '9'; c++)
		folded[c] = (unsigned char)c;
	for (int c = 'a'; c <= 'z'; c++)
		folded[c] = folded[c - 'a' + 'A'] = (unsigned char)c;
	for (int c = 0x80; c < 256; c++)
		folded[c] = (unsigned char)c;
}

static int words_new(void *api, const char **args, int n_args, Fts5Tokenizer **ret)
{
	static const char *settings[] = {"remove_diacritics", "2"};
	struct words *w = mem_new(struct words);
	void *ctx = NULL;
	int rc = ((fts5_api *)api)->xFindTokenizer(api, "unicode61", &ctx, &w->base);

	(void)args;
	(void)n_args;
	fold_bytes(w->folded);
	if (rc == SQLITE_OK)
		rc = w->base.xCreate(ctx, settings, 2, &w->tokenizer);
	if (rc != SQLITE_OK) {
		mem_free(w);
		return rc;
	}
	*ret = (Fts5Tokenizer *)w;
	return SQLITE_OK;
}

int words_register(sqlite3 *handle)
{
	static fts5_tokenizer tokenizer = {words_new, words_free, words_cut};
	fts5_api *api = NULL;
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
	if (rc == SQLITE_OK)
		(void)sqlite3_step(stmt);
	(void)sqlite3_finalize(stmt);
	if (!api)
		return SQLITE_ERROR;
	return api->xCreateTokenizer(api, "syndicated", api, &tokenizer, NULL);
}

/* ---- the text of safe HTML: only the sanitiser writes it, so '>' ends every tag and every reference ends in ';' ---- */
