/* What holds for every feed of tests/corpus/feeds, wherever it is cut off and however it arrives (REL-10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/parse/xml.h"
#include "../lib/golden.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"

#ifdef SYN_SANITIZED
enum { STEP = 7 }; /* each byte would take a quarter of a minute */
#else
enum { STEP = 1 };
#endif

static struct golden *all;
static size_t n_all;

struct outcome {
	enum parse_status status;
	size_t n_items;
	bool complete;
	bool damaged; /* a problem says so, or that a limit of XML ended it */
};

static struct outcome read_prefix(const char *bytes, size_t len)
{
	/* A copy of its own, so that a read behind the end is one behind an allocation. */
	auto_free char *copy = mem_dup_bytes(bytes, len);
	struct raw_feed *f = NULL;
	struct err err = { 0 };
	struct outcome o = { .status = parse_feed(copy, len, NULL, &f, &err) };

	if (o.status != PARSE_OK) {
		assert_null(f);
		assert_true(err.message[0] != '\0');
		return o;
	}
	o.n_items = f->n_items;
	o.complete = f->complete;
	for (size_t i = 0; i < f->problems.n; i++)
		o.damaged |= (strcmp(f->problems.items[i].code, "damaged") == 0 || strcmp(f->problems.items[i].code, "beyond-limit") == 0);
	raw_feed_free(f);
	return o;
}

/* Where all of a whole document has been said: before the last ">" or "}". */
static size_t whole_len(const struct golden *g)
{
	size_t n = g->len;

	while (n && g->bytes[n - 1] != '>' && g->bytes[n - 1] != '}')
		n--;
	return n ? n - 1 : 0;
}

/*
 * Cut at any byte, a document is damaged and says so, and what was whole stays. A cut inside a comment or tag may take back
 * the item before, and only that.
 */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_all; i++) {
		const struct golden *g = &all[i];
		bool well_formed = strncmp(g->name, "broken-", 7) != 0;
		size_t step = g->len > 3000 ? 13 * STEP : STEP, best = 0;

		for (size_t len = 0; len < g->len; len += step) {
			struct outcome o = read_prefix(g->bytes, len);

			if (o.status != PARSE_OK)
				assert_true(best == 0);
			else if (o.n_items + 1 < best || o.complete == o.damaged || (well_formed && len < whole_len(g) && o.complete))
				fail_msg("%s cut at %zu: %zu items of %zu, complete %d, damaged %d", g->name, len, o.n_items, best, o.complete, o.damaged);
			best = o.n_items > best ? o.n_items : best;
		}
		/* The whole may hold fewer than a part of it: an end that comes late may turn items into a comment. */
		assert_true(read_prefix(g->bytes, g->len).n_items + 1 >= best);
	}
}

/* Neither how the parser gets a document makes a difference, nor which texts it does not get. */
static void test_chunks(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 64 }, runs[] = { SIZE_MAX, 0, 1, 20, 1 };

	(void)state;
	for (size_t i = 0; i < n_all; i++) {
		auto_free char *want = golden_ingest(all[i].bytes, all[i].len);

		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			char *got;

			xml_set_chunk_bytes(sizes[k]);
			xml_set_run_bytes(runs[k]);
			got = golden_ingest(all[i].bytes, all[i].len);
			if (strcmp(got, want) != 0)
				fail_msg("%s in chunks of %zu, runs of %zu:\n%s\nnot\n%s", all[i].name, sizes[k], runs[k], got, want);
			mem_free(got);
		}
		xml_set_chunk_bytes(0);
		xml_set_run_bytes(0);
	}
}

/* The form that workers hand on holds all of a document. */
static void test_encoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_all; i++) {
		const struct ingest_request request = { .url = "http://e.example/feed", .bytes = all[i].bytes, .len = all[i].len };
		struct feed_document *d = NULL, *again;
		struct buf encoded = BUF_INIT(LIMIT_WORKER_FRAME_BYTES);
		struct err err = { 0 };
		char *before, *behind;

		if (ingest_run(&request, &d, &err) != INGEST_OK)
			continue;
		feed_document_drop_twins(d); /* as a worker does */
		feed_document_encode(d, &encoded);
		again = feed_document_decode(encoded.bytes, encoded.len);
		assert_non_null(again);
		before = golden_document(d);
		behind = golden_document(again);
		assert_string_equal(before, behind);
		mem_free(before);
		mem_free(behind);
		feed_document_free(d);
		feed_document_free(again);
		buf_done(&encoded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cut), cmocka_unit_test(test_chunks), cmocka_unit_test(test_encoding) };
	int r;

	parse_init();
	clean_init();
	all = golden_load(&n_all);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	golden_free(all, n_all);
	return r;
}
