/*
 * Safe HTML with its text, from bodies of feed items: by the reader of plain HTML, by libxml2's reader, by whichever
 * takes each body; beside libxml2's SAX parser with empty handlers over the same bytes in the same run. Arguments: feed
 * files whose bodies to take, all together, instead of the generated one. MB/s are of HTML source.
 */
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/clean/html.h"
#include "bench.h"
#include "syndicated/base/mem.h"
#include "syndicated/parse.h"

static const double ENOUGH_US = 6e5;

struct body {
	const char *s;
	size_t len;
	bool plain;
};

static struct body *bodies;
static size_t n_bodies, n_bytes, n_plain_bytes;

static void start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	(void)ctx, (void)name, (void)attributes;
}

static void end(void *ctx, const xmlChar *name)
{
	(void)ctx, (void)name;
}

static void text(void *ctx, const xmlChar *s, int len)
{
	(void)ctx, (void)s, (void)len;
}

static void bare(const struct body *b)
{
	static htmlParserCtxtPtr parser;

	if (!parser) {
		parser = htmlNewParserCtxt();
		*parser->sax = (htmlSAXHandler){ .startElement = start, .endElement = end, .characters = text, .ignorableWhitespace = text, .cdataBlock = text };
	}
	(void)htmlCtxtReadMemory(parser, b->s, (int)b->len, NULL, "UTF-8", HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
}

static struct buf out = { .max_bytes = 2 * (size_t)LIMIT_ITEM_BYTES }, words = { .max_bytes = LIMIT_ITEM_BYTES };

static bool by(enum html_path path, const struct body *b)
{
	buf_clear(&out);
	buf_clear(&words);
	return html_clean_by(path, b->s, b->len, "https://example.org/", &out, &words);
}

static void plain(const struct body *b)
{
	if (b->plain)
		(void)by(HTML_PATH_PLAIN, b);
}

static void full(const struct body *b)
{
	(void)by(HTML_PATH_LIBXML2, b);
}

static void whichever(const struct body *b)
{
	(void)by(HTML_PATH_AUTO, b);
}

static double mb_per_s(void (*work)(const struct body *), size_t bytes)
{
	double best = 0;

	/* The best of three, since the machine is shared. */
	for (int round = 0; round < 3; round++) {
		double began = bench_cpu_us(), used;
		size_t done = 0;

		do {
			for (size_t i = 0; i < n_bodies; i++)
				work(&bodies[i]);
			done += bytes;
			used = bench_cpu_us() - began;
		} while (used < ENOUGH_US / 3);
		best = (double)done / used > best ? (double)done / used : best;
	}
	return best;
}

static void add(const struct raw_text *t)
{
	struct body b = { .s = t->value, .len = t->value ? strlen(t->value) : 0 };

	if (b.len == 0 || t->kind == RAW_TEXT_PLAIN || !memchr(b.s, '<', b.len))
		return;
	b.plain = by(HTML_PATH_PLAIN, &b);
	bodies = mem_resize_array(bodies, n_bodies + 1, sizeof(*bodies));
	bodies[n_bodies++] = b;
	n_bytes += b.len;
	n_plain_bytes += b.plain ? b.len : 0;
}

/* The feed stays: its bodies are in it. */
static void add_feed(const char *bytes, size_t len)
{
	struct raw_feed *feed = NULL;
	struct err err;

	if (parse_feed(bytes, len, NULL, &feed, &err) != PARSE_OK)
		return;
	for (size_t i = 0; i < feed->n_items; i++) {
		add(&feed->items[i].content);
		add(&feed->items[i].summary);
	}
}

static void add_file(const char *name)
{
	FILE *f = fopen(name, "rb");
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
	add_feed(buf_str(&b), b.len);
	buf_done(&b);
}

int main(int argc, char **argv)
{
	double reference;

	parse_init();
	if (argc < 2) {
		size_t len;
		char *feed = bench_feed(30, &len);

		add_feed(feed, len);
		mem_free(feed);
	}
	for (int i = 1; i < argc; i++)
		add_file(argv[i]);
	if (n_bytes == 0)
		return EXIT_FAILURE;
	reference = mb_per_s(bare, n_bytes);
	bench_print("html_plain", mb_per_s(plain, n_plain_bytes), "MB/s by the reader of plain HTML (reference: libxml2 SAX, empty handlers)", reference);
	bench_print("html_libxml2", mb_per_s(full, n_bytes), "MB/s by libxml2's reader (same reference)", reference);
	bench_print("html", mb_per_s(whichever, n_bytes), "MB/s by whichever reads it (same reference)", reference);
	bench_print("html_plain_share", 100.0 * (double)n_plain_bytes / (double)n_bytes, "% of the bytes are plain", 0);
	return EXIT_SUCCESS;
}
