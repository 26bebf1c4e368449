/* OPML 1.0 and 2.0: outlines with an xmlUrl are sources; those without are folders, and a folder is a tag (REL-24). */
#include <string.h>

#include "encoding.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"
#include "syndicated/parse.h"
#include "xml.h"

struct list {
	struct opml_source *sources;
	size_t n;
	size_t capacity;
	bool is_opml;
	size_t depth;
	char *folders[LIMIT_XML_DEPTH + 2]; /* by depth; NULL for elements that are no folder */
};

static void add_tag(struct opml_source *s, const char *tag, size_t len)
{
	auto_free char *copy = mem_dup_bytes(tag, text_cut(tag, len, LIMIT_SHORT_BYTES));

	copy[text_collapse(copy, strlen(copy))] = '\0';
	if (*copy && s->tags.n < LIMIT_ITEM_LIST && !string_list_has(&s->tags, copy))
		string_list_add(&s->tags, copy);
}

/* "Tech,/News/World": categories apart by commas, each a path whose parts are tags (OPML 2.0). */
static void add_categories(struct opml_source *s, const char *category)
{
	while (category && *category) {
		size_t n = strcspn(category, ",/");

		add_tag(s, category, n);
		category += n + (category[n] != '\0');
	}
}

/* Only http and https may become a source (REL-25). */
static bool is_web(const char *url)
{
	return url && strlen(url) <= LIMIT_URL_BYTES && (text_has_prefix_nocase(url, "http://") || text_has_prefix_nocase(url, "https://"));
}

static const char *find_attribute(const struct xml_element *e, const char *name)
{
	for (size_t i = 0; i < e->n_attributes; i++) {
		if (text_equal_nocase(e->attributes[i].name.local, name))
			return e->attributes[i].value;
	}
	return NULL;
}

static void add_source(struct list *l, const struct xml_element *e, const char *url)
{
	const char *title = find_attribute(e, "title");
	struct opml_source *s;

	if (l->n == LIMIT_CONFIG_SOURCES)
		return;
	if (l->n == l->capacity) {
		l->capacity = l->capacity ? 2 * l->capacity : 64;
		l->sources = mem_resize_array(l->sources, l->capacity, sizeof(*l->sources));
	}
	s = &l->sources[l->n++];
	*s = (struct opml_source){ .url = mem_dup_str(url), .title = mem_dup_str(text_is_empty(title) ? find_attribute(e, "text") : title) };
	for (size_t i = 0; i < l->depth; i++) {
		if (l->folders[i])
			add_tag(s, l->folders[i], strlen(l->folders[i]));
	}
	add_categories(s, find_attribute(e, "category"));
}

static void on_start(const struct xml_element *e, void *ctx)
{
	struct list *l = ctx;
	const char *url = find_attribute(e, "xmlUrl"), *name;

	if (l->depth == 0)
		l->is_opml = text_equal_nocase(e->name.local, "opml");
	if (l->is_opml && text_equal_nocase(e->name.local, "outline")) {
		name = find_attribute(e, "text");
		if (url)
			url += strspn(url, " \t\r\n");
		if (is_web(url))
			add_source(l, e, url);
		else if (!url)
			l->folders[l->depth] = mem_dup_str(name ? name : find_attribute(e, "title"));
	}
	l->depth++;
}

static void on_end(const struct xml_name *name, void *ctx)
{
	struct list *l = ctx;

	(void)name;
	l->depth--;
	mem_free(l->folders[l->depth]);
	l->folders[l->depth] = NULL;
}

static void on_text(const char *s, size_t len, void *ctx)
{
	(void)s;
	(void)len;
	(void)ctx;
}

static int judge(const struct list *l, const struct xml_result *result, struct err *err)
{
	if (!l->is_opml)
		return err_set(err, ERR_INVALID, "this is no OPML document%s%s", result->reason[0] ? ": " : "", result->reason);
	if (!result->complete)
		return err_set(err, ERR_INVALID, "the OPML document is damaged in line %u: %s", result->line, result->reason);
	return 0;
}

int parse_opml(const char *bytes, size_t len, struct opml_source **ret, size_t *ret_n, struct err *err)
{
	static const struct xml_handler handler = { .start_cb = on_start, .end_cb = on_end, .text_cb = on_text };
	struct utf8_text text;
	struct problem_list problems = { 0 };
	struct list l = { 0 };
	struct xml_result result;
	int r;

	if (len > LIMIT_FEED_BYTES)
		return err_set(err, ERR_TOO_BIG, "the OPML document has more than %u MiB", LIMIT_FEED_BYTES >> 20);
	encoding_to_utf8(bytes, len, NULL, &text, &problems);
	problem_list_done(&problems);
	if (buf_error(&text.owned)) {
		utf8_text_done(&text);
		return err_set(err, ERR_TOO_BIG, "the OPML document has more than %u MiB as UTF-8", LIMIT_FEED_BYTES >> 20);
	}
	xml_parse(text.s, text.len, &handler, &l, NULL, &result);
	result.line += text.first_line - 1;
	utf8_text_done(&text);
	while (l.depth)
		on_end(NULL, &l);
	r = judge(&l, &result, err);
	if (r == 0) {
		*ret = l.sources;
		*ret_n = l.n;
	} else {
		opml_sources_free(l.sources, l.n);
	}
	return r;
}

void opml_sources_free(struct opml_source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(sources[i].url);
		mem_free(sources[i].title);
		string_list_done(&sources[i].tags);
	}
	mem_free(sources);
}
