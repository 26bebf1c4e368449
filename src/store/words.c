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
};

struct cutting {
	void *ctx;
	int (*take)(void *ctx, int flags, const char *word, int len, int start, int end);
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
			rc = c->take(c->ctx, flags, word + from, (int)(at - from), start, end);
		if (alone && rc == SQLITE_OK)
			rc = c->take(c->ctx, flags, word + at, (int)step, start, end);
		at += step;
		if (alone)
			from = at;
	}
	if (rc == SQLITE_OK && at > from)
		rc = c->take(c->ctx, flags, word + from, (int)(at - from), start, end);
	return rc;
}

static int words_cut(Fts5Tokenizer *tokenizer, void *ctx, int flags, const char *text, int len,
                     int (*take)(void *, int, const char *, int, int, int))
{
	struct words *w = (struct words *)tokenizer;
	struct cutting c = {ctx, take};

	return w->base.xTokenize(w->tokenizer, &c, flags, text, len, cut_word);
}

static void words_free(Fts5Tokenizer *tokenizer)
{
	struct words *w = (struct words *)tokenizer;

	w->base.xDelete(w->tokenizer);
	mem_free(w);
}

static int words_new(void *api, const char **args, int n_args, Fts5Tokenizer **ret)
{
	static const char *settings[] = {"remove_diacritics", "2"};
	struct words *w = mem_new(struct words);
	void *ctx = NULL;
	int rc = ((fts5_api *)api)->xFindTokenizer(api, "unicode61", &ctx, &w->base);

	(void)args;
	(void)n_args;
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
