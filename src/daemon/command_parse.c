/* The commands that read one document and print what it says: syndicated parse, syndicated opml. */
#include "syndicated/daemon.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/ingest.h"
#include "syndicated/parse.h"
#include "read_file.h"

struct options {
	const char *base;
	const char *file;
	bool problems;
	bool precedence;
};

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *time_or_null(int64_t ms)
{
	char text[TEXT_RFC3339_BYTES];

	if (ms == TIME_UNKNOWN)
		return json_null();
	text_from_time_ms(ms, false, text);
	return json_string(text);
}

/* All authors in one string; a person without a name goes by the address. */
static json_t *authors_or_null(const struct item *i)
{
	struct buf b = BUF_INIT(LIMIT_ITEM_LIST * (size_t)(LIMIT_SHORT_BYTES + 2) * 2);
	json_t *ret;

	for (size_t n = 0; n < i->n_authors; n++) {
		const struct person *p = &i->authors[n];
		const char *name = p->name ? p->name : p->email ? p->email : p->url;

		if (!name)
			continue;
		if (b.len)
			buf_append_str(&b, ", ");
		buf_append_str(&b, name);
	}
	ret = b.len ? json_string(buf_str(&b)) : json_null();
	buf_done(&b);
	return ret;
}

static void set_text(json_t *o, const char *name, const char *value)
{
	json_object_set_new(o, name, text_or_null(value));
}

/* What only some feeds say is left out where it is not said. */
static void set_said(json_t *o, const char *name, const char *value)
{
	if (value)
		json_object_set_new(o, name, json_string(value));
}

static void set_known(json_t *o, const char *name, int64_t value)
{
	if (value >= 0)
		json_object_set_new(o, name, json_integer(value));
}

static void set_list(json_t *o, const char *name, json_t *list)
{
	if (json_array_size(list))
		json_object_set(o, name, list);
	json_decref(list);
}

static json_t *describe_enclosure(const struct enclosure *e)
{
	json_t *o = json_object();

	set_text(o, "url", e->url);
	set_text(o, "type", e->type);
	json_object_set_new(o, "length", e->length_bytes >= 0 ? json_integer(e->length_bytes) : json_null());
	set_known(o, "duration", e->duration_s);
	set_known(o, "width", e->width);
	set_known(o, "height", e->height);
	set_said(o, "medium", e->medium);
	set_said(o, "title", e->title);
	return o;
}

static json_t *describe_links(const struct link *links, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		set_text(o, "rel", links[i].rel);
		set_text(o, "url", links[i].url);
		set_said(o, "type", links[i].type);
		set_said(o, "title", links[i].title);
		set_said(o, "language", links[i].language);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *describe_people(const struct item *i)
{
	json_t *a = json_array();

	for (size_t n = 0; n < i->n_authors; n++) {
		json_t *o = json_object();

		set_said(o, "name", i->authors[n].name);
		set_said(o, "email", i->authors[n].email);
		set_said(o, "url", i->authors[n].url);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *describe_schemes(const struct item *i)
{
	json_t *a = json_array();

	for (size_t n = 0; n < i->n_categories; n++) {
		json_t *o = json_object();

		if (!i->categories[n].scheme && !i->categories[n].label) {
			json_decref(o);
			continue;
		}
		set_text(o, "term", i->categories[n].term);
		set_said(o, "scheme", i->categories[n].scheme);
		set_said(o, "label", i->categories[n].label);
		json_array_append_new(a, o);
	}
	return a;
}

static void describe_origin(json_t *item, const struct origin *from)
{
	json_t *o = json_object();

	set_said(o, "id", from->id);
	set_said(o, "title", from->title);
	set_said(o, "link", from->link);
	set_said(o, "url", from->url);
	if (json_object_size(o))
		json_object_set(item, "source", o);
	json_decref(o);
}

static void describe_details(json_t *o, const struct item *i)
{
	set_list(o, "authors", describe_people(i));
	set_list(o, "category_details", describe_schemes(i));
	set_list(o, "links", describe_links(i->links, i->n_links));
	set_said(o, "canonical_url", i->canonical_url);
	set_said(o, "thumbnail", i->thumbnail);
	set_said(o, "comments", i->comments_url);
	set_known(o, "comments_count", i->comments_count);
	set_said(o, "in_reply_to", i->in_reply_to);
	set_said(o, "language", i->language);
	set_said(o, "rights", i->rights);
	set_said(o, "season", i->season);
	set_said(o, "episode", i->episode);
	set_said(o, "location", i->location);
	describe_origin(o, &i->origin);
	if (i->twin)
		json_object_set_new(o, "repeats_an_earlier_one", json_true());
}

static json_t *describe_item(const struct item *i)
{
	json_t *o = json_object(), *enclosures = json_array(), *categories = json_array();

	for (size_t n = 0; n < i->n_enclosures; n++)
		json_array_append_new(enclosures, describe_enclosure(&i->enclosures[n]));
	for (size_t n = 0; n < i->n_categories; n++)
		json_array_append_new(categories, text_or_null(i->categories[n].term));
	set_text(o, "id", i->guid);
	set_text(o, "link", i->link);
	set_text(o, "title", i->title);
	json_object_set_new(o, "author", authors_or_null(i));
	json_object_set_new(o, "published", time_or_null(i->published_ms));
	json_object_set_new(o, "updated", time_or_null(i->updated_ms));
	set_text(o, "summary", i->summary);
	set_text(o, "content", i->content);
	json_object_set_new(o, "enclosures", enclosures);
	json_object_set_new(o, "categories", categories);
	describe_details(o, i);
	return o;
}

static json_t *describe_problems(const struct problem_list *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "code", text_or_null(l->items[i].code));
		json_object_set_new(o, "text", text_or_null(l->items[i].text));
		json_object_set_new(o, "line", l->items[i].line ? json_integer(l->items[i].line) : json_null());
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *bits(uint32_t set, unsigned n)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < n; i++) {
		if (set >> i & 1)
			json_array_append_new(a, json_integer(i));
	}
	return a;
}

static void describe_head(json_t *o, const struct feed_document *d)
{
	json_object_set_new(o, "format", text_has_prefix(d->format ? d->format : "", "json") ? json_string("json") : text_or_null(d->format));
	set_text(o, "title", d->title);
	set_text(o, "link", d->link);
	json_object_set_new(o, "updated", time_or_null(d->updated_ms));
	set_said(o, "id", d->id);
	set_said(o, "subtitle", d->subtitle);
	set_said(o, "author", d->author);
	set_said(o, "language", d->language);
	set_said(o, "rights", d->rights);
	set_said(o, "generator", d->generator);
	set_said(o, "icon", d->icon);
	set_said(o, "logo", d->logo);
	set_said(o, "self", d->self_url);
	set_said(o, "hub", d->hub_url);
	set_list(o, "links", describe_links(d->links, d->n_links));
	if (d->ttl_ms)
		json_object_set_new(o, "ttl_minutes", json_integer(d->ttl_ms / 60000));
	set_list(o, "skip_hours", bits(d->skip_hours, 24));
	set_list(o, "skip_days", bits(d->skip_days, 7)); /* Monday is 0 */
}

static json_t *describe_document(const struct feed_document *d, bool problems)
{
	json_t *o = json_object(), *entries = json_array();

	describe_head(o, d);
	for (size_t i = 0; i < d->n_items; i++)
		json_array_append_new(entries, describe_item(&d->items[i]));
	json_object_set_new(o, "entries", entries);
	if (problems) {
		json_object_set_new(o, "problems", describe_problems(&d->problems));
		json_object_set_new(o, "complete", json_boolean(d->complete));
	}
	return o;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	bool literal = false;

	for (int i = 1; i < argc; i++) {
		if (!literal && strcmp(argv[i], "--") == 0)
			literal = true;
		else if (!literal && strcmp(argv[i], "--problems") == 0)
			o->problems = true;
		else if (!literal && strcmp(argv[i], "--precedence") == 0)
			o->precedence = true;
		else if (!literal && strcmp(argv[i], "--base") == 0 && i + 1 < argc)
			o->base = argv[++i];
		else if (!literal && text_has_prefix(argv[i], "--base="))
			o->base = argv[i] + 7;
		else if (o->file || (!literal && argv[i][0] == '-' && argv[i][1]))
			return false;
		else
			o->file = argv[i];
	}
	return o->file != NULL || o->precedence;
}

/* Which element wins where several say the same: of one slot the last. */
static int print_precedence(void)
{
	size_t n;
	const struct precedence_row *rows = parse_precedence(&n);

	for (size_t i = 0; i < n; i++)
		printf("%-15s %-46s %s\n", rows[i].slot, rows[i].elements, rows[i].reason);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_parse(int argc, char **argv)
{
	struct options o = { 0 };
	struct buf bytes = BUF_INIT(LIMIT_FEED_BYTES + (128u << 10));
	struct feed_document *d = NULL;
	struct err err = { 0 };
	json_t *json;
	int status = EXIT_FAILURE;

	if (!read_options(argc, argv, &o)) {
		fputs("usage: syndicated parse [--base URL] [--problems] FILE|-\n"
		      "       syndicated parse --precedence\n", stderr);
		return 2;
	}
	if (o.precedence)
		return print_precedence();
	ingest_init();
	if (read_file(o.file, &bytes, &err) < 0)
		goto out;
	if (ingest_run(&(struct ingest_request){ .url = o.base, .bytes = buf_str(&bytes), .len = bytes.len }, &d, &err) != INGEST_OK)
		goto out;
	json = describe_document(d, o.problems);
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	status = fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
out:
	if (status && err.message[0])
		fprintf(stderr, "syndicated: %s: %s\n", o.file, err.message);
	feed_document_free(d);
	buf_done(&bytes);
	return status;
}

/* A double-quoted YAML scalar. */
static void print_quoted(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar((unsigned char)*s < ' ' ? ' ' : *s);
	}
	putchar('"');
}

static void print_source(const struct opml_source *s)
{
	fputs("  - url: ", stdout);
	print_quoted(s->url);
	if (!text_is_empty(s->title)) {
		fputs("\n    title: ", stdout);
		print_quoted(s->title);
	}
	for (size_t i = 0; i < s->tags.n; i++) {
		fputs(i ? ", " : "\n    tags: [", stdout);
		print_quoted(s->tags.items[i]);
	}
	fputs(s->tags.n ? "]\n" : "\n", stdout);
}

int command_opml(int argc, char **argv)
{
	struct options o = { 0 };
	struct buf bytes = BUF_INIT(LIMIT_FEED_BYTES + (128u << 10));
	struct opml_source *sources = NULL;
	size_t n = 0;
	struct err err = { 0 };
	int status = EXIT_FAILURE;

	if (!read_options(argc, argv, &o) || !o.file) {
		fputs("usage: syndicated opml FILE|-\n", stderr);
		return 2;
	}
	ingest_init();
	if (read_file(o.file, &bytes, &err) < 0 || parse_opml(buf_str(&bytes), bytes.len, &sources, &n, &err) < 0) {
		fprintf(stderr, "syndicated: %s: %s\n", o.file, err.message);
		goto out;
	}
	puts("sources:");
	for (size_t i = 0; i < n; i++)
		print_source(&sources[i]);
	status = fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
out:
	opml_sources_free(sources, n);
	buf_done(&bytes);
	return status;
}
