/* The only file that calls libfyaml. Its events become a tree; its diagnostics become complaints in our form. */
#include <libfyaml.h>
#include <string.h>

#include "yaml.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/text.h"

#define YAML_DEPTH_MAX      32u /* the deepest useful file has 5 levels */
#define REPEATS_BY_HAND_MAX 32u /* maps with more keys than this are checked for repeated ones with a hash */

struct builder {
	const struct config_file *file;
	struct arena *arena;
	struct report *report;
	struct fy_parser *parser;
	struct map *anchors;
	struct yaml_node *root;
	struct yaml_node *open[YAML_DEPTH_MAX]; /* the lists and maps we are inside of */
	struct yaml_node *keys[YAML_DEPTH_MAX]; /* in a map: the key whose value comes next */
	unsigned depth;
	unsigned documents;
	bool failed;
};

const char *yaml_kind_text(const struct yaml_node *n)
{
	switch (n->kind) {
	case YAML_LIST:
		return "a list";
	case YAML_MAP:
		return "a block of keys";
	case YAML_TEXT:
		break;
	}
	return n->is_null ? "nothing" : "text";
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml_node *v = map->first; v; v = v->next)
		if (strcmp(v->key->text, key) == 0)
			return v;
	return NULL;
}

static struct place place_of(const struct builder *b, const struct fy_mark *mark)
{
	if (mark)
		return (struct place){b->file, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
	if (b->depth > 0 && b->keys[b->depth - 1])
		return b->keys[b->depth - 1]->place;
	return (struct place){b->file, 1, 1};
}

static void fail(struct builder *b, struct place where, const char *message)
{
	report_error(b->report, where, "%s", message);
	b->failed = true;
}

static struct yaml_node *make_node(struct builder *b, enum yaml_kind kind, struct place where)
{
	struct yaml_node *n = arena_alloc(b->arena, sizeof(*n));

	if (!n) {
		fail(b, where, "the configuration is too big");
		return NULL;
	}
	n->kind = kind;
	n->place = where;
	n->text = "";
	return n;
}

static bool has_key(const struct yaml_node *map, const struct yaml_node *upto, const char *key)
{
	for (const struct yaml_node *v = map->first; v && v != upto; v = v->next)
		if (strcmp(v->key->text, key) == 0)
			return true;
	return false;
}

static void report_repeat(struct builder *b, const struct yaml_node *value, const struct yaml_node *earlier)
{
	report_error(b->report, value->key->place, "key '%s' is repeated; it was first given at line %u",
		     value->key->text, earlier->key->place.line);
}

/* YAML forbids repeated keys in one map; the second is never what the author thinks is in effect. */
static void check_repeats(struct builder *b, const struct yaml_node *map)
{
	struct map *seen = map->n > REPEATS_BY_HAND_MAX ? map_new() : NULL;

	for (struct yaml_node *v = map->first; v; v = v->next) {
		const struct yaml_node *earlier = NULL;

		if (seen) {
			earlier = map_get(seen, v->key->text);
			if (!earlier)
				map_put(seen, v->key->text, v);
		} else if (has_key(map, v, v->key->text)) {
			earlier = yaml_get(map, v->key->text);
		}
		if (earlier)
			report_repeat(b, v, earlier);
	}
	map_free(seen, NULL);
}

/* Puts a finished key or a value (complete or still open) where it belongs. */
static void attach(struct builder *b, struct yaml_node *n)
{
	struct yaml_node *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;

	if (!parent) {
		b->root = n;
		return;
	}
	if (parent->kind == YAML_MAP && !b->keys[b->depth - 1]) {
		if (n->kind == YAML_TEXT)
			b->keys[b->depth - 1] = n;
		else
			fail(b, n->place, "a key must be text");
		return;
	}
	if (parent->kind == YAML_MAP) {
		n->key = b->keys[b->depth - 1];
		b->keys[b->depth - 1] = NULL;
	}
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->n++;
}

static void remember_anchor(struct builder *b, struct fy_token *token, struct yaml_node *n)
{
	size_t len = 0;
	const char *text = token ? fy_token_get_text(token, &len) : NULL;
	char *name;

	if (!text)
		return;
	name = mem_dup_bytes(text, len);
	map_put(b->anchors, name, n);
	mem_free(name);
}

static void open_node(struct builder *b, enum yaml_kind kind, struct place where, struct fy_token *anchor)
{
	struct yaml_node *n = make_node(b, kind, where);

	if (!n)
		return;
	remember_anchor(b, anchor, n);
	attach(b, n);
	if (b->depth == YAML_DEPTH_MAX) {
		fail(b, where, "nested too deeply");
		return;
	}
	b->keys[b->depth] = NULL;
	b->open[b->depth++] = n;
}

static void close_node(struct builder *b)
{
	b->depth--;
	if (b->open[b->depth]->kind == YAML_MAP)
		check_repeats(b, b->open[b->depth]);
}

static bool is_null_text(struct fy_token *token, const char *text)
{
	if (!token)
		return true;
	return fy_token_scalar_style(token) == FYSS_PLAIN &&
	       (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static bool is_quoted(struct fy_token *token)
{
	enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;

	return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

static void add_text(struct builder *b, struct place where, struct fy_token *token, struct fy_token *anchor)
{
	struct yaml_node *n = make_node(b, YAML_TEXT, where);
	size_t len = 0;
	const char *text = token ? fy_token_get_text(token, &len) : NULL;

	if (!n)
		return;
	if (is_quoted(token) && n->place.column > 1)
		n->place.column--; /* the library's place is behind the quote */
	if (text && !text_is_clean(text, len)) {
		report_error(b->report, where,
			     "the text holds characters that are not allowed, such as control characters");
		len = 0;
	}
	if (text && len > 0) {
		n->text = arena_dup(b->arena, text, len);
		if (!n->text) {
			fail(b, where, "the configuration is too big");
			return;
		}
	}
	n->is_null = is_null_text(token, n->text);
	remember_anchor(b, anchor, n);
	attach(b, n);
}

/*
 * An alias is a second node with the same children, so that no file grows: what is read of a node is bounded by the
 * table of options, and a list of lists is refused there. One inside the node that it names would never end: refused.
 */
static void add_alias(struct builder *b, struct place where, struct fy_token *token)
{
	size_t len = 0;
	const char *text = token ? fy_token_get_text(token, &len) : NULL;
	char *name = mem_dup_bytes(text ? text : "", len);
	const struct yaml_node *target = map_get(b->anchors, name);
	struct yaml_node *n;

	if (!target) {
		report_error(b->report, where, "there is no anchor named '%s' before this line", name);
		b->failed = true;
	}
	for (unsigned i = 0; i < b->depth; i++)
		if (target == b->open[i]) {
			fail(b, where, "an alias may not stand inside the block that it repeats");
			target = NULL;
		}
	n = make_node(b, YAML_TEXT, where);
	if (n && target) {
		*n = *target;
		n->place = where;
		n->key = NULL;
		n->next = NULL;
	}
	if (n)
		attach(b, n);
	mem_free(name);
}

static void begin_document(struct builder *b, struct place where)
{
	if (++b->documents > 1)
		fail(b, where, "a second YAML document starts here; the configuration is one document");
}

static void take_event(struct builder *b, struct fy_event *e)
{
	struct place where = place_of(b, fy_event_start_mark(e));

	switch (e->type) {
	case FYET_MAPPING_START:
		open_node(b, YAML_MAP, where, fy_event_get_anchor_token(e));
		break;
	case FYET_SEQUENCE_START:
		open_node(b, YAML_LIST, where, fy_event_get_anchor_token(e));
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		close_node(b);
		break;
	case FYET_SCALAR:
		add_text(b, where, fy_event_get_token(e), fy_event_get_anchor_token(e));
		break;
	case FYET_ALIAS:
		add_alias(b, where, fy_event_get_token(e));
		break;
	case FYET_DOCUMENT_START:
		begin_document(b, where);
		break;
	case FYET_DOCUMENT_END:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_NONE:
		break;
	}
}

/* Without this the library would write to standard error on its own. */
static void swallow(struct fy_diag *diag, void *user, const char *text, size_t len)
{
	(void)diag;
	(void)user;
	(void)text;
	(void)len;
}

static struct fy_diag *make_diag(void)
{
	struct fy_diag_cfg cfg;
	struct fy_diag *diag;

	fy_diag_cfg_default(&cfg);
	cfg.fp = NULL;
	cfg.output_fn = swallow;
	cfg.colorize = false;
	diag = fy_diag_create(&cfg);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

/* The library speaks of its grammar; these say what to do instead. */
static const char *in_plain_words(const char *message)
{
	static const struct {
		const char *said;
		const char *meant;
	} table[] = {
	    {"did not find expected node content", "a value is missing here, or a '[' or '{' before it is not closed"},
	    {"flow sequence without a closing bracket", "a list that begins with '[' is not closed with ']'"},
	    {"flow mapping without a closing brace", "a block that begins with '{' is not closed with '}'"},
	    {"wrongly indented double-quoted scalar",
	     "the text that begins with \" here is not closed, or goes on without indentation"},
	    {"wrongly indented single-quoted scalar",
	     "the text that begins with ' here is not closed, or goes on without indentation"},
	    {"invalid nested block mapping on the same line",
	     "a second \": \" in one line; put a text that holds it into quotes"},
	    {"could not find expected ':'", "this line is neither a key with ':' nor an element with '-'"},
	    {"invalid multiline plain key",
	     "this line does not fit the one before it: wrong indentation, or a ':' is missing"},
	    {"tab character may not be used as indentation", "a tab may not be used for indentation; use spaces"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(table[i].said, message) == 0)
			return table[i].meant;
	return message;
}

/* The library's first diagnostic says what is wrong; those after it are echoes. */
static void translate_diagnostics(struct builder *b, struct fy_diag *diag)
{
	void *at = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
	struct place where = {b->file, 1, 1};

	b->failed = true;
	if (!e || !e->msg) {
		report_error(b->report, where, "this is not YAML 1.2");
		return;
	}
	where.line = e->line > 0 ? (uint32_t)e->line : 1;
	where.column = e->column > 0 ? (uint32_t)e->column : 1;
	report_error(b->report, where, "%s", in_plain_words(e->msg));
}

static void run_parser(struct builder *b, struct fy_diag *diag, const char *text, size_t len)
{
	struct fy_event *e;

	if (fy_parser_set_string(b->parser, text, len) != 0) {
		translate_diagnostics(b, diag);
		return;
	}
	while (!b->failed && (e = fy_parser_parse(b->parser))) {
		take_event(b, e);
		fy_parser_event_free(b->parser, e);
	}
	if (!b->failed && fy_parser_get_stream_error(b->parser))
		translate_diagnostics(b, diag);
}

/* The library ends silently at a NUL or at bytes that are not UTF-8, so they are looked for first. */
static bool check_encoding(struct builder *b, const char *text, size_t len)
{
	struct place where = {b->file, 1, 1};
	size_t i = 0;

	if (text_is_clean(text, len))
		return true;
	while (i < len) {
		size_t n = 1;

		while (i + n < len && n < 4 && ((unsigned char)text[i + n] & 0xc0) == 0x80)
			n++;
		if (!text_is_clean(text + i, n))
			break;
		where.column++;
		if (text[i] == '\n') {
			where.line++;
			where.column = 1;
		}
		i += n;
	}
	report_error(b->report, where,
		     "this byte (0x%02x) is not allowed; the file must be UTF-8 text without control characters",
		     i < len ? (unsigned char)text[i] : 0u);
	return false;
}

struct yaml_node *yaml_parse(const struct config_file *f, struct arena *arena, struct report *report)
{
	struct builder b = {.file = f, .arena = arena, .report = report};
	struct fy_parse_cfg cfg = {.flags =
				       FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE};
	const char *text = f->text;
	size_t len = f->len;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len == 0 || !check_encoding(&b, text, len))
		return NULL;
	cfg.diag = make_diag();
	b.parser = cfg.diag ? fy_parser_create(&cfg) : NULL;
	b.anchors = map_new();
	if (b.parser)
		run_parser(&b, cfg.diag, text, len);
	else
		fail(&b, (struct place){f, 0, 0}, "the YAML reader could not be started: out of memory");
	fy_parser_destroy(b.parser);
	fy_diag_destroy(cfg.diag);
	map_free(b.anchors, NULL);
	return b.failed ? NULL : b.root;
}
