/*
 * Feed bytes to a document (parse, clean, identify) beside libxml2's push parser with empty handlers over the same bytes
 * in the same run (performance.md section 1, goal 1). Arguments: feed files to use instead of the generated one.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "syndicated/base/mem.h"
#include "syndicated/clean.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"

enum { CHUNK = 16 << 10 };
static const double ENOUGH_US = 1.5e6;

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

static void bare(const char *bytes, size_t len)
{
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC, .startElementNs = start, .endElementNs = end, .characters = text, .cdataBlock = text};
	xmlParserCtxtPtr c = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);

	for (size_t at = 0; at < len; at += CHUNK)
		(void)xmlParseChunk(c, bytes + at, (int)(len - at < CHUNK ? len - at : CHUNK), 0);
	(void)xmlParseChunk(c, NULL, 0, 1);
	xmlFreeParserCtxt(c);
}

static void ours(const char *bytes, size_t len)
{
	const struct ingest_request request = {.url = "https://example.org/feed.xml", .bytes = bytes, .len = len};
	struct feed_document *d = NULL;
	struct err err;

	(void)ingest_run(&request, &d, &err);
	feed_document_free(d);
}

static double mb_per_s(void (*work)(const char *, size_t), const char *bytes, size_t len)
{
	double began = bench_cpu_us(), used;
	unsigned rounds = 0;

	do {
		work(bytes, len);
		rounds++;
		used = bench_cpu_us() - began;
	} while (used < ENOUGH_US);
	return (double)len * rounds / used;
}

static void compare(const char *name, const char *bytes, size_t len)
{
	/* Interleaved and the better of two, since the machine is shared. */
	double reference = mb_per_s(bare, bytes, len), value = mb_per_s(ours, bytes, len), again;

	again = mb_per_s(bare, bytes, len);
	reference = again > reference ? again : reference;
	again = mb_per_s(ours, bytes, len);
	value = again > value ? again : value;
	bench_print(name, value, "MB/s parsed, cleaned, identified (reference: libxml2 push, empty handlers)", reference);
}

int main(int argc, char **argv)
{
	parse_init();
	clean_init();
	if (argc < 2) {
		size_t len;
		char *feed = bench_feed(30, &len);

		compare("parse_generated", feed, len);
		mem_free(feed);
	}
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		struct buf b = BUF_INIT(64u << 20);
		char *room;

		while (f && (room = buf_reserve(&b, 1 << 16))) {
			size_t n = fread(room, 1, 1 << 16, f);

			if (n == 0)
				break;
			buf_grew(&b, n);
		}
		if (f)
			(void)fclose(f);
		compare(argv[i], buf_str(&b), b.len);
		buf_done(&b);
	}
	return EXIT_SUCCESS;
}
