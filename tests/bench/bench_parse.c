/*
 * Feed bytes to a document (parse, clean, identify) beside libxml2's push parser with empty handlers over the same bytes
 * in the same run (performance.md section 1, goal 1).
 *
 *     bench_parse [DIR...]            figures for generated feeds, and for the well-formed feeds over 4 kB of each folder
 *                                     (without one: ../shared/corpus/dev/real, when it is there)
 *     bench_parse --write DIR         writes the documents that are generated
 *     bench_parse --select DIR OUT    copies those of DIR that would be measured
 *     bench_parse --loop N KIND [DIR] goes N times over them, for a profiler; KIND: full, raw, raw-keys, full-known, raw-known,
 *                                     bare
 *     bench_parse --peer KIND DIR     one figure for all files of DIR, for scripts/bench-peers
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "feeds.h"
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"
#include "syndicated/identify.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"

enum { CHUNK = 16 << 10, SMALLEST = 4096, DOCUMENTS = 16, ROUNDS = 5, KINDS = 6 };
static const double ENOUGH_US = 3e5;

/* ---- the reference ---- */

static void start(void *ctx, const xmlChar *n, const xmlChar *p, const xmlChar *u, int ns, const xmlChar **nss, int na, int nd, const xmlChar **a)
{
	(void)ctx, (void)n, (void)p, (void)u, (void)ns, (void)nss, (void)na, (void)nd, (void)a;
}

static void end(void *ctx, const xmlChar *n, const xmlChar *p, const xmlChar *u)
{
	(void)ctx, (void)n, (void)p, (void)u;
}

static void text(void *ctx, const xmlChar *s, int len)
{
	(void)ctx, (void)s, (void)len;
}

static bool parse_bare(const char *bytes, size_t len)
{
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC, .startElementNs = start, .endElementNs = end, .characters = text, .cdataBlock = text};
	xmlParserCtxtPtr c = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	bool well_formed;

	for (size_t at = 0; at < len; at += CHUNK)
		(void)xmlParseChunk(c, bytes + at, (int)(len - at < CHUNK ? len - at : CHUNK), 0);
	(void)xmlParseChunk(c, NULL, 0, 1);
	well_formed = c->wellFormed;
	if (c->myDoc)
		xmlFreeDoc(c->myDoc);
	c->myDoc = NULL;
	xmlFreeParserCtxt(c);
	return well_formed;
}

/* ---- what is measured: each returns the items it found ---- */

static struct identify_memo *memo;

enum { RAW = 1 /* HTML stays as it is */, KNOWN = 2 /* items were seen before */, KEYS = 4 /* and nothing else tells whether they changed */ };

static size_t ingest(const char *bytes, size_t len, unsigned how)
{
	const struct ingest_request request = {
		.url = "https://example.org/feed.xml",
		.bytes = bytes,
		.len = len,
		.raw_html = how & RAW,
		.keys_alone = how & KEYS,
		.memo = how & KNOWN ? memo : NULL,
	};
	struct feed_document *d = NULL;
	struct err err;
	size_t n;

	(void)ingest_run(&request, &d, &err);
	n = d ? d->n_items : 0;
	feed_document_free(d);
	return n;
}

static size_t bare(const char *bytes, size_t len)
{
	return parse_bare(bytes, len);
}

static size_t full(const char *bytes, size_t len)
{
	return ingest(bytes, len, 0);
}

static size_t raw(const char *bytes, size_t len)
{
	return ingest(bytes, len, RAW);
}

static size_t full_known(const char *bytes, size_t len)
{
	return ingest(bytes, len, KNOWN);
}

static size_t raw_known(const char *bytes, size_t len)
{
	return ingest(bytes, len, RAW | KNOWN);
}

static size_t raw_keys(const char *bytes, size_t len)
{
	return ingest(bytes, len, RAW | KEYS);
}

typedef size_t work_fn(const char *bytes, size_t len);

static size_t once(work_fn *work, const struct feed_set *set)
{
	size_t items = 0;

	for (size_t i = 0; i < set->n; i++)
		items += work(set->files[i].bytes, set->files[i].len);
	return items;
}

static double mb_per_s(work_fn *work, const struct feed_set *set)
{
	double began = bench_cpu_us(), used;
	unsigned rounds = 0;

	do {
		(void)once(work, set);
		rounds++;
		used = bench_cpu_us() - began;
	} while (used < ENOUGH_US);
	return (double)set->bytes * rounds / used;
}

/* Interleaved and the best of several, since the machine is shared. */
static void compare(const char *name, const struct feed_set *set)
{
	static const struct {
		work_fn *work;
		const char *suffix, *what;
	} kinds[KINDS] = {
		{bare, "", ""}, {full, "", "all is new"}, {raw, "_raw", "HTML left as it is, all is new"},
		{full_known, "_known", "the items were seen before"}, {raw_known, "_known_raw", "HTML left as it is, the items were seen before"},
		{raw_keys, "_keys", "HTML left as it is, keys alone, and nothing that tells whether an item has changed"}};
	double best[KINDS] = {0};

	for (int round = 0; round < ROUNDS; round++) {
		for (int k = 0; k < KINDS; k++) {
			double v = mb_per_s(kinds[k].work, set);

			best[k] = v > best[k] ? v : best[k];
		}
	}
	for (int k = 1; k < KINDS; k++) {
		auto_free char *full_name = mem_printf("%s%s", name, kinds[k].suffix);
		auto_free char *unit = mem_printf("MB/s parsed, cleaned, with keys: %s (reference: libxml2 push, empty handlers)", kinds[k].what);

		bench_print(full_name, best[k], unit, best[0]);
	}
}

static bool is_measured(const struct feed_file *f)
{
	return f->len > SMALLEST && parse_bare(f->bytes, f->len) && full(f->bytes, f->len) > 0;
}

static bool is_any(const struct feed_file *f)
{
	return f->len > 0;
}

static void compare_folder(const char *directory)
{
	struct feed_set set = {0};

	feed_set_read(&set, directory, is_measured);
	if (set.n > 0)
		compare("parse_real", &set);
	feed_set_done(&set);
}

static void compare_all(int argc, char **argv)
{
	struct feed_set set = {0};
	const char *top = getenv("top_srcdir");
	auto_free char *shared = mem_printf("%s/../shared/corpus/dev/real", top ? top : ".");

	feed_set_generate(&set, DOCUMENTS);
	compare("parse_generated", &set);
	feed_set_done(&set);
	for (int i = 1; i < argc; i++)
		compare_folder(argv[i]);
	if (argc == 1)
		compare_folder(shared);
}

static work_fn *kind_of(const char *name)
{
	static const struct {
		const char *name;
		work_fn *work;
	} kinds[] = {{"full", full}, {"raw", raw}, {"raw-keys", raw_keys}, {"full-known", full_known}, {"raw-known", raw_known}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return kinds[i].work;
	return bare;
}

static int loop(int argc, char **argv)
{
	struct feed_set set = {0};
	size_t items = 0;

	if (argc > 4)
		feed_set_read(&set, argv[4], is_any);
	else
		feed_set_generate(&set, DOCUMENTS);
	for (long i = strtol(argv[2], NULL, 10); i > 0; i--)
		items += once(kind_of(argv[3]), &set);
	(void)printf("{\"bytes\": %zu, \"items\": %zu}\n", set.bytes, items);
	feed_set_done(&set);
	return EXIT_SUCCESS;
}

static int peer(const char *kind, const char *directory)
{
	struct feed_set set = {0};
	double best = 0;

	feed_set_read(&set, directory, is_any);
	for (int round = 0; round < ROUNDS; round++) {
		double v = mb_per_s(kind_of(kind), &set);

		best = v > best ? v : best;
	}
	(void)printf("{\"peer\": \"syndicated %s\", \"mb_per_s\": %.2f, \"items\": %zu, \"documents\": %zu, \"bytes\": %zu}\n", kind, best,
	             once(kind_of(kind), &set), set.n, set.bytes);
	feed_set_done(&set);
	return EXIT_SUCCESS;
}

static int write_set(const char *from, const char *to)
{
	struct feed_set set = {0};

	if (from)
		feed_set_read(&set, from, is_measured);
	else
		feed_set_generate(&set, DOCUMENTS);
	feed_set_write(&set, to);
	feed_set_done(&set);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	ingest_init();
	memo = identify_memo_new();
	if (strcmp(what, "--write") == 0 && argc == 3)
		return write_set(NULL, argv[2]);
	if (strcmp(what, "--select") == 0 && argc == 4)
		return write_set(argv[2], argv[3]);
	if (strcmp(what, "--loop") == 0 && argc >= 4)
		return loop(argc, argv);
	if (strcmp(what, "--peer") == 0 && argc == 4)
		return peer(argv[2], argv[3]);
	compare_all(argc, argv);
	return EXIT_SUCCESS;
}
