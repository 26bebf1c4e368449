#include "reader.h"

#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/text.h"

struct frame {
	const struct rule *rule;
	enum place place;   /* of the children */
	const char *base;
	const char *language;
	bool opened_item;
	bool opened_person;
};

struct reader {
	struct raw_feed *feed;
	struct frame stack[LIMIT_XML_DEPTH + 2];
	size_t depth;
	char root[64];
	bool is_feed;
	bool is_atom;

	struct raw_item *item;
	bool item_refused; /* past LIMIT_FEED_ITEMS */
	size_t item_bytes;
	struct raw_person *person;
	bool person_ignored;
	int feed_ranks[SLOTS];
	int item_ranks[SLOTS];

	/* Text of the leaf being collected. */
	size_t collecting; /* depth of its element, 0 for none */
	struct buf text;
	bool text_cut;
	enum raw_text_kind kind;
	bool xhtml;
	bool base64;
	char *remembered;
};

struct reader *reader_new(struct raw_feed *feed)
{
	struct reader *r = mem_new(struct reader);

	r->feed = feed;
	r->stack[0].place = PLACE_ROOT;
	/* Room for what the writer of tags adds behind the last check. */
	buf_init(&r->text, LIMIT_FIELD_BYTES + 2 * LIMIT_XML_TAG_BYTES);
	return r;
}

struct reader *reader_free(struct reader *r)
{
	if (!r)
		return NULL;
	buf_done(&r->text);
	mem_free(r->remembered);
	mem_free(r);
	return NULL;
}

const char *reader_root(const struct reader *r)
{
	return r->root[0] ? r->root : NULL;
}

bool reader_is_feed(const struct reader *r)
{
	return r->is_feed;
}

struct raw_feed *reader_feed(struct reader *r)
{
	return r->feed;
}

struct raw_item *reader_item(struct reader *r)
{
	return r->item;
}

enum place reader_place(const struct reader *r)
{
	return r->stack[r->depth ? r->depth - 1 : 0].place;
}

void reader_set_format(struct reader *r, const char *format)
{
	r->feed->format = format;
	r->is_feed = true;
	r->is_atom = text_has_prefix(format, "atom");
}

/* Trimmed copy. An item whose fields are too many bytes gets no more of them (REL-8). */
char *reader_keep(struct reader *r, const char *s)
{
	size_t len;

	if (!s)
		return NULL;
	while (text_is_space(*s))
		s++;
	len = strlen(s);
	while (len && text_is_space(s[len - 1]))
		len--;
	if (len == 0)
		return NULL;
	r->item_bytes += len;
	if (r->item_bytes > LIMIT_ITEM_BYTES) {
		problem_add(&r->feed->problems, "item-too-big", 0, "An item holds more text than is kept; the rest of it was dropped.");
		return NULL;
	}
	return arena_dup(r->feed->arena, s, len);
}

void reader_begin_item(struct reader *r, const struct xml_element *e)
{
	struct frame *f = &r->stack[r->depth];

	if (r->item || r->item_refused)
		return; /* An item in an item: its elements go on filling the outer one. */
	memset(r->item_ranks, 0, sizeof(r->item_ranks));
	r->item_bytes = 0;
	f->opened_item = true;
	r->item = raw_feed_add_item(r->feed);
	if (!r->item) {
		r->item_refused = true;
		f->place = PLACE_NONE;
		return;
	}
	r->item->line = e->line;
	r->item->base = f->base;
	r->item->language = f->language;
}

/* Whether a row of this rank may fill the slot: it is empty, or holds something of lower rank. */
static bool outranks(struct reader *r, enum slot slot, int rank)
{
	int *ranks = r->item ? r->item_ranks : r->feed_ranks;

	if (ranks[slot] > rank)
		return false;
	if (ranks[slot] == rank && rank)
		return false;
	ranks[slot] = rank ? rank : 1;
	return true;
}

static const char **plain_slot(struct reader *r, enum slot slot)
{
	struct raw_feed *f = r->feed;
	struct raw_item *i = r->item;

	switch ((int)slot) {
	case SLOT_ID: return i ? &i->id : &f->id;
	case SLOT_PUBLISHED: return i ? &i->published : &f->published;
	case SLOT_UPDATED: return i ? &i->updated : &f->updated;
	case SLOT_RIGHTS: return i ? &i->rights : &f->rights;
	case SLOT_LANGUAGE: return i ? &i->language : &f->language;
	case SLOT_COMMENTS: return i ? &i->comments_url : NULL;
	case SLOT_THUMBNAIL: return i ? &i->thumbnail : NULL;
	case SLOT_GENERATOR: return i ? NULL : &f->generator;
	case SLOT_ICON: return i ? NULL : &f->icon;
	case SLOT_LOGO: return i ? NULL : &f->logo;
	case SLOT_TTL: return i ? NULL : &f->ttl_minutes;
	case SLOT_PERIOD: return i ? NULL : &f->update_period;
	case SLOT_FREQUENCY: return i ? NULL : &f->update_frequency;
	default: return NULL;
	}
}

static struct raw_text *text_slot(struct reader *r, enum slot slot)
{
	switch ((int)slot) {
	case SLOT_TITLE: return r->item ? &r->item->title : &r->feed->title;
	case SLOT_SUMMARY: return r->item ? &r->item->summary : &r->feed->subtitle;
	case SLOT_CONTENT: return r->item ? &r->item->content : NULL;
	default: return NULL;
	}
}

static void add_author(struct reader *r, const char *text, int rank)
{
	reader_add_person(r, rank);
	if (r->person)
		r->person->name = reader_keep(r, text);
	r->person = NULL;
	r->person_ignored = false;
}

void reader_fill(struct reader *r, enum slot slot, int rank, const char *text, enum raw_text_kind kind)
{
	const struct frame *f = &r->stack[r->depth];
	struct raw_text *t = text_slot(r, slot);
	const char **p = plain_slot(r, slot);
	char *kept;

	if (text_is_empty(text) || text[strspn(text, " \t\r\n")] == '\0')
		return;
	if (slot == SLOT_AUTHOR) {
		add_author(r, text, rank);
	} else if (slot == SLOT_CATEGORY) {
		reader_add_category(r, text, NULL, NULL);
	} else if (slot == SLOT_DURATION) {
		struct raw_enclosure *e = r->item && r->item->enclosures.n ? raw_list_at(&r->item->enclosures, struct raw_enclosure, 0) : NULL;

		if (e && !e->duration)
			e->duration = reader_keep(r, text);
	} else if ((t || p) && outranks(r, slot, rank) && (kept = reader_keep(r, text))) {
		if (t)
			*t = (struct raw_text){ .value = kept, .kind = kind, .base = f->base, .language = f->language };
		else
			*p = kept;
	}
}

void reader_add_link(struct reader *r, const struct xml_element *e, const char *href, const char *rel)
{
	struct raw_link *l;
	const char *kept = reader_keep(r, href);

	if (!kept)
		return;
	l = raw_list_add(r->feed, r->item ? &r->item->links : &r->feed->links, sizeof(*l));
	if (!l)
		return;
	l->href = kept;
	l->rel = reader_keep(r, rel);
	l->base = r->stack[r->depth].base;
	if (e) {
		l->type = reader_keep(r, xml_attribute(e, "type"));
		l->title = reader_keep(r, xml_attribute(e, "title"));
		l->length = reader_keep(r, xml_attribute(e, "length"));
		l->hreflang = reader_keep(r, xml_attribute(e, "hreflang"));
	}
}

void reader_add_person(struct reader *r, int rank)
{
	struct raw_list *l = r->item ? &r->item->authors : &r->feed->authors;
	int *have = &(r->item ? r->item_ranks : r->feed_ranks)[SLOT_AUTHOR];

	r->person = NULL;
	r->person_ignored = *have > rank;
	if (r->person_ignored)
		return;
	if (*have < rank)
		l->n = 0; /* What a lesser element said gives way. */
	*have = rank;
	r->person = raw_list_add(r->feed, l, sizeof(struct raw_person));
	r->person_ignored = r->person == NULL;
}

void reader_set_person(struct reader *r, const char *field, const char *text)
{
	const char **p;

	if (!r->person)
		return;
	if (strcmp(field, "name") == 0)
		p = &r->person->name;
	else if (strcmp(field, "email") == 0)
		p = &r->person->email;
	else
		p = &r->person->url;
	if (!*p)
		*p = reader_keep(r, text);
}

void reader_add_category(struct reader *r, const char *term, const char *scheme, const char *label)
{
	struct raw_category *c;
	const char *kept = reader_keep(r, term);

	if (!kept)
		return;
	c = raw_list_add(r->feed, r->item ? &r->item->categories : &r->feed->categories, sizeof(*c));
	if (!c)
		return;
	c->term = kept;
	c->scheme = reader_keep(r, scheme);
	c->label = reader_keep(r, label);
}

void reader_add_enclosure(struct reader *r, const struct xml_element *e, const char *url, const char *length)
{
	struct raw_enclosure *n;
	const char *kept = r->item ? reader_keep(r, url) : NULL;

	if (!kept)
		return;
	n = raw_list_add(r->feed, &r->item->enclosures, sizeof(*n));
	if (!n)
		return;
	n->url = kept;
	n->type = reader_keep(r, xml_attribute(e, "type"));
	n->length = reader_keep(r, length);
	n->duration = reader_keep(r, xml_attribute(e, "duration"));
	n->title = reader_keep(r, xml_attribute(e, "title"));
	n->base = r->stack[r->depth].base;
}

void reader_remember(struct reader *r, const char *value)
{
	mem_set_str(&r->remembered, value);
}

const char *reader_remembered(const struct reader *r)
{
	return r->remembered;
}

void reader_set_kind(struct reader *r, enum raw_text_kind kind)
{
	r->kind = kind;
}

void reader_set_xhtml(struct reader *r)
{
	r->kind = RAW_TEXT_HTML;
	r->xhtml = true;
}

void reader_set_base64(struct reader *r)
{
	r->base64 = true;
}

/* ---- text ---- */

/* Appends to the field up to its limit, ending on a character (REL-8). */
static void append_text(struct reader *r, const char *s, size_t len)
{
	size_t room = r->text.len < LIMIT_FIELD_BYTES ? LIMIT_FIELD_BYTES - r->text.len : 0;

	if (r->text_cut)
		return;
	if (len > room) {
		len = text_cut(s, len, room);
		r->text_cut = true;
		problem_add(&r->feed->problems, "field-too-long", 0, "A field holds more text than is kept; it was cut.");
	}
	buf_append(&r->text, s, len);
}

/* Markup that stands in a field as elements is written out again as HTML source (Atom xhtml; RSS that forgot to escape). */
static void write_tag(struct reader *r, const struct xml_element *e)
{
	if (r->text_cut || r->text.len >= LIMIT_FIELD_BYTES)
		return;
	buf_append_char(&r->text, '<');
	buf_append_str(&r->text, e->name.local);
	for (size_t i = 0; i < e->n_attributes; i++) {
		const struct xml_attribute *a = &e->attributes[i];

		if (a->name.uri || a->name.prefix)
			continue;
		buf_append_char(&r->text, ' ');
		buf_append_str(&r->text, a->name.local);
		buf_append_str(&r->text, "=\"");
		markup_escape_attr(&r->text, a->value, strlen(a->value));
		buf_append_char(&r->text, '"');
	}
	buf_append_char(&r->text, '>');
}

static void begin_field(struct reader *r, const struct rule *rule)
{
	buf_clear(&r->text);
	r->collecting = r->depth;
	r->text_cut = false;
	r->xhtml = false;
	r->base64 = false;
	switch (rule->holds) {
	case HOLDS_HTML: r->kind = RAW_TEXT_HTML; break;
	case HOLDS_GUESS: r->kind = RAW_TEXT_GUESS; break;
	case HOLDS_NOTHING:
	case HOLDS_PLAIN:
	case HOLDS_TYPED:
	default: r->kind = RAW_TEXT_PLAIN; break;
	}
}

static void decode_base64_field(struct reader *r)
{
	struct buf plain = BUF_INIT(LIMIT_FIELD_BYTES), squeezed = BUF_INIT(r->text.len + 1);

	for (size_t i = 0; i < r->text.len; i++) {
		if (!text_is_space(r->text.bytes[i]))
			buf_append_char(&squeezed, r->text.bytes[i]);
	}
	if (digest_decode_base64(buf_str(&squeezed), &plain) == 0) {
		buf_clear(&r->text);
		text_scrub(&r->text, buf_str(&plain), plain.len);
	}
	buf_done(&plain);
	buf_done(&squeezed);
}

static void end_field(struct reader *r)
{
	const struct rule *rule = r->stack[r->depth].rule;

	r->collecting = 0;
	if (r->base64)
		decode_base64_field(r);
	if (rule->end)
		rule->end(r, buf_str(&r->text));
	else
		reader_fill(r, rule->slot, rule->rank, buf_str(&r->text), r->kind);
	mem_set_str(&r->remembered, NULL);
}

/* ---- the parser's calls ---- */

/*
 * xml:base is kept as written, the inner behind the outer with a space between; clean/ resolves the chain, since it
 * has the URL code. URLs in attributes hold no spaces that matter.
 */
static const char *nest_base(struct reader *r, const char *outer, const char *inner)
{
	auto_free char *both = NULL;

	if (!inner || !*inner)
		return outer;
	if (!outer)
		return reader_keep(r, inner);
	both = mem_printf("%s %s", outer, inner);
	return strlen(both) > LIMIT_URL_BYTES ? outer : reader_keep(r, both);
}

static void push_frame(struct reader *r, const struct xml_element *e)
{
	const struct frame *outer = &r->stack[r->depth];
	struct frame *f = &r->stack[++r->depth];
	const char *language = xml_attribute_ns(e, XML_URI, "lang");

	*f = (struct frame){ .base = nest_base(r, outer->base, xml_attribute_ns(e, XML_URI, "base")), .language = outer->language };
	if (language)
		f->language = reader_keep(r, language);
}

static void on_start(const struct xml_element *e, void *ctx)
{
	struct reader *r = ctx;
	struct xml_name name = e->name;
	enum place where = r->stack[r->depth].place;
	struct frame *f;

	if (r->depth + 1 >= sizeof(r->stack) / sizeof(r->stack[0]))
		return;
	push_frame(r, e);
	f = &r->stack[r->depth];
	if (r->collecting) {
		/* The <div> that Atom wants around xhtml is not content (RFC 4287 section 3.1.1.3). */
		if (r->xhtml && r->depth == r->collecting + 1 && strcmp(e->name.local, "div") == 0)
			return;
		if (r->kind != RAW_TEXT_PLAIN || r->xhtml)
			write_tag(r, e);
		return;
	}
	if (r->depth == 1) {
		size_t n = text_cut(name.local, strlen(name.local), sizeof(r->root) - 1);

		memcpy(r->root, name.local, n);
		r->root[n] = '\0';
	}
	if (r->is_atom && !name.uri && !name.prefix)
		name.uri = "http://www.w3.org/2005/Atom";
	f->rule = where == PLACE_NONE ? NULL : namespace_find(&name, where);
	if (!f->rule)
		return;
	f->place = f->rule->opens;
	if (f->rule->holds != HOLDS_NOTHING)
		begin_field(r, f->rule);
	if (f->rule->start)
		f->rule->start(r, e);
	if (f->rule->opens == PLACE_PERSON) {
		reader_add_person(r, f->rule->rank);
		f->opened_person = true;
	}
}

static void end_markup(struct reader *r, const char *name)
{
	static const char *const voids[] = { "br", "hr", "img", "col", "wbr", "area", "base", "embed", "input", "link", "meta", "param",
		                             "source", "track" };

	for (size_t i = 0; i < sizeof(voids) / sizeof(voids[0]); i++) {
		if (strcmp(voids[i], name) == 0)
			return;
	}
	if (r->text_cut)
		return;
	buf_append_str(&r->text, "</");
	buf_append_str(&r->text, name);
	buf_append_char(&r->text, '>');
}

static void on_end(const char *local, void *ctx)
{
	struct reader *r = ctx;
	struct frame *f = &r->stack[r->depth];

	if (r->depth == 0)
		return;
	if (r->collecting == r->depth) {
		end_field(r);
	} else if (r->collecting) {
		if (!(r->xhtml && r->depth == r->collecting + 1 && strcmp(local, "div") == 0) && (r->kind != RAW_TEXT_PLAIN || r->xhtml))
			end_markup(r, local);
	} else if (f->rule && f->rule->end) {
		f->rule->end(r, "");
	}
	if (f->opened_item) {
		r->item = NULL;
		r->item_refused = false;
	}
	if (f->opened_person) {
		r->person = NULL;
		r->person_ignored = false;
	}
	r->depth--;
}

static void on_text(const char *s, size_t len, void *ctx)
{
	struct reader *r = ctx;
	struct buf escaped = BUF_INIT(6 * len + 1);

	if (!r->collecting)
		return;
	if (!r->xhtml) {
		append_text(r, s, len);
		return;
	}
	markup_escape_text(&escaped, s, len);
	append_text(r, buf_str(&escaped), escaped.len);
	buf_done(&escaped);
}

const struct xml_handler reader_handler = { .start_cb = on_start, .end_cb = on_end, .text_cb = on_text };

void reader_finish(struct reader *r, bool complete)
{
	r->feed->complete = complete;
	if (r->item && r->feed->n_items) /* The damage cut it off: only whole items are kept (REL-10). */
		r->feed->n_items--;
	r->item = NULL;
}
