#include "reader_internal.h"

#include <string.h>

#include "syndicated/base/text.h"

struct reader *reader_new(struct raw_feed *feed)
{
	struct reader *r = mem_new_head(struct reader, stack);

	r->feed = feed;
	r->stack[0] = (struct frame){ .place = PLACE_ROOT };
	return r;
}

struct reader *reader_free(struct reader *r)
{
	if (!r)
		return NULL;
	mem_free(r->text);
	mem_free(r);
	return NULL;
}

struct xml_sink *reader_sink(struct reader *r)
{
	return &r->sink;
}

const char *reader_root(const struct reader *r)
{
	return r->root[0] ? r->root : NULL;
}

/* RDF says all kinds of things: with other things in it, it is a feed by its channel or an item. */
bool reader_is_feed(const struct reader *r)
{
	return r->is_feed && (r->has_parts || !r->has_others || !r->feed->complete || strcmp(r->feed->format, "rss10") != 0);
}

struct raw_feed *reader_feed(struct reader *r)
{
	return r->feed;
}

struct raw_item *reader_item(struct reader *r)
{
	return r->item;
}

void reader_set_format(struct reader *r, const char *format)
{
	/* Of several documents in one, the first says what the feed is; an RDF document is told by its channel. */
	if (!r->is_feed || strcmp(r->feed->format, "rss10") == 0)
		r->feed->format = format;
	r->is_feed = true;
	r->is_atom = text_has_prefix(format, "atom");
	r->is_cdf = strcmp(format, "cdf") == 0;
}

/* An item in an item, whose end was forgotten and made up for later: one more item, and then the outer one goes on. */
static void put_aside(struct reader *r, struct frame *f)
{
	struct outer_item *o = arena_alloc(r->feed->arena, sizeof(*o));

	if (!o)
		return; /* The arena is full: nothing will be kept of the rest. */
	if (!r->nested_said)
		problem_add(&r->feed->problems, "nested-items", r->item->line, "An item stands inside another one; both are kept.");
	r->nested_said = true;
	o->number = r->item == &r->dropped ? 0 : r->feed->n_dropped + (size_t)(r->item - r->feed->items);
	o->bytes = r->item_bytes;
	memcpy(o->ranks, r->item_ranks, sizeof(o->ranks));
	f->outer = o;
}

static void end_item(struct reader *r, const struct frame *f)
{
	if (r->item_mistaken && r->item == &r->feed->items[r->feed->n_items - 1])
		r->feed->n_items--;
	r->item_mistaken = false;
	r->item = NULL;
	r->item_refused = false;
	if (!f->outer)
		return;
	if (f->outer->number < r->feed->n_dropped)
		r->item = &r->dropped;
	else
		r->item = &r->feed->items[f->outer->number - r->feed->n_dropped];
	r->item_bytes = f->outer->bytes;
	memcpy(r->item_ranks, f->outer->ranks, sizeof(r->item_ranks));
}

void reader_begin_item(struct reader *r, const struct xml_element *e)
{
	struct frame *f = &r->stack[r->depth];

	if (r->item_refused)
		return;
	if (r->item)
		put_aside(r, f);
	memset(r->item_ranks, 0, sizeof(r->item_ranks));
	r->item_bytes = 0;
	r->item_full = false;
	f->opened_item = true;
	r->item = raw_feed_add_item(r->feed, e->line);
	if (!r->item) {
		r->item_refused = true;
		f->place = PLACE_NONE;
		return;
	}
	r->item->base = f->base;
	r->item->language = f->language;
}

/* ---- what an element means ---- */

/*
 * Atom's elements without a namespace are meant as Atom's. A document element that is a feed's by its name alone, in a
 * namespace that nobody knows or that is another's, means the format's own (feeds of drafts, of people who changed the
 * address, and of those who declared a module without its prefix).
 */
static const struct namespace_table *table_of(struct reader *r, const struct xml_name *name)
{
	struct cached_table *c;

	if (!name->uri && !name->prefix)
		return r->is_atom ? &ns_atom : r->is_cdf ? &ns_cdf : &ns_rss;
	/* With a prefix, a namespace that we know means what it says. */
	if (name->uri && name->uri == r->root_uri && (!name->prefix || !namespace_of(name)))
		return r->is_atom ? &ns_atom : &ns_rss;
	c = &r->tables[(((size_t)name->uri >> 3) ^ ((size_t)name->prefix >> 4)) % TABLE_CACHE];
	if (!c->known || c->uri != name->uri || c->prefix != name->prefix)
		*c = (struct cached_table){ name->uri, name->prefix, namespace_of(name), true };
	return c->table;
}

static const struct rule *root_rule(struct reader *r, const struct xml_name *name)
{
	static const struct namespace_table *const formats[] = { &ns_rss, &ns_atom, &ns_rdf };
	const struct namespace_table *known = namespace_of(name);
	const struct rule *rule = known ? namespace_rule(known, name->local, PLACE_ROOT) : NULL;

	for (size_t i = 0; !rule && i < sizeof(formats) / sizeof(formats[0]); i++) {
		rule = namespace_rule(formats[i], name->local, PLACE_ROOT);
		if (rule && name->uri)
			r->root_uri = name->uri;
	}
	return rule;
}

static const struct rule *look_up(struct reader *r, const struct xml_name *name, enum place place)
{
	const struct namespace_table *t;
	const struct rule *rule;

	if (place == PLACE_ROOT) {
		rule = root_rule(r, name);
		if (rule || !r->is_feed)
			return rule;
		place = PLACE_TOP; /* behind the end of a feed: what a script appended to the file */
	}
	t = table_of(r, name);
	rule = t ? namespace_rule(t, name->local, place) : NULL;
	/* The other format's elements are understood where this one has none of that name: <id> in RSS, <item> in Atom. */
	if (!rule && t == &ns_rss)
		rule = namespace_rule(&ns_atom, name->local, place);
	else if (!rule && t == &ns_atom)
		rule = namespace_rule(&ns_rss, name->local, place);
	return rule;
}

/* Names are interned, so a document's few dozen different elements are looked up once each. */
static const struct rule *find_rule(struct reader *r, const struct xml_name *name, enum place place)
{
	size_t h = ((size_t)name->local >> 3) ^ ((size_t)name->uri >> 4) ^ ((size_t)place * 31);
	struct cached_rule *c = &r->rules[(h ^ (h >> 8)) % RULE_CACHE];

	if (c->local == name->local && c->uri == name->uri && c->place == place && c->prefix == name->prefix && c->age == r->rules_age)
		return c->rule;
	*c = (struct cached_rule){ name->local, name->uri, name->prefix, place, r->rules_age, look_up(r, name, place) };
	return c->rule;
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

static struct frame *push_frame(struct reader *r, const struct xml_element *e)
{
	const struct frame *outer = &r->stack[r->depth];
	struct frame *f = &r->stack[++r->depth];

	*f = (struct frame){ .base = outer->base, .language = outer->language };
	for (size_t i = 0; i < e->n_attributes; i++) {
		const struct xml_attribute *a = &e->attributes[i];

		if (!a->name.uri || strcmp(a->name.uri, XML_URI) != 0)
			continue;
		if (strcmp(a->name.local, "lang") == 0)
			f->language = reader_keep(r, a->value);
		else if (strcmp(a->name.local, "base") == 0)
			f->base = nest_base(r, outer->base, a->value);
	}
	return f;
}

static void remember_root(struct reader *r, const char *local)
{
	size_t n = text_cut(local, strlen(local), sizeof(r->root) - 1);

	memcpy(r->root, local, n);
	r->root[n] = '\0';
}

/* A field that turns out to have parts (<author><name>): its text so far is only what stands between them. */
static bool becomes_structure(struct reader *r, const struct xml_element *e)
{
	struct frame *outer = &r->stack[r->depth - 1];

	if (r->depth != r->collecting + 1 || !outer->rule || outer->rule->opens == PLACE_NONE || !find_rule(r, &e->name, outer->rule->opens))
		return false;
	reader_drop_field(r);
	outer->place = outer->rule->opens;
	if (outer->place == PLACE_PERSON) {
		reader_add_person(r, outer->rule->rank);
		outer->opened_person = true;
	}
	return true;
}

/* Markup inside a field. */
static void start_inside(struct reader *r, const struct xml_element *e)
{
	/* The <div> that Atom wants around xhtml is not content (RFC 4287 section 3.1.1.3). */
	if (r->xhtml && r->depth == r->collecting + 1 && strcmp(e->name.local, "div") == 0) {
		r->stack[r->collecting].base = r->stack[r->depth].base; /* but its xml:base counts */
		return;
	}
	if (r->kind != RAW_TEXT_PLAIN || r->xhtml)
		reader_write_tag(r, e);
}

/*
 * In <rss> or RDF, and no channel yet. Without any, what is a channel's stands in <rss> itself; should one follow, what it
 * says counts. In RDF other things stand beside the channel, so there nothing is taken for its.
 */
static void at_top(struct reader *r, const struct xml_element *e, struct frame *f)
{
	bool rdf = strcmp(r->feed->format, "rss10") == 0, bare = !rdf && (!f->rule || f->rule->opens == PLACE_ITEM);

	if (f->rule && f->rule->opens == PLACE_FEED) {
		r->has_channel = true;
		if (r->said_bare) {
			memset(r->feed_ranks, 0, sizeof(r->feed_ranks));
			r->feed->links.n = 0;
		}
	} else if (bare && (f->rule || (f->rule = find_rule(r, &e->name, PLACE_FEED))) && !r->said_bare) {
		r->said_bare = true;
		problem_add(&r->feed->problems, "no-channel", e->line, "What belongs into a <channel> stands outside of any; it was read as if it stood in one.");
	}
	r->has_others |= !f->rule;
	r->has_parts |= f->rule && (f->rule->opens & (PLACE_FEED | PLACE_ITEM)) != 0;
}

static void on_start(const struct xml_element *e, void *ctx)
{
	struct reader *r = ctx;
	struct frame *f;

	if (r->depth + 1 >= sizeof(r->stack) / sizeof(r->stack[0])) {
		r->skipped++;
		return;
	}
	f = push_frame(r, e);
	if (r->collecting && !becomes_structure(r, e)) {
		start_inside(r, e);
		return;
	}
	if (r->depth == 1 && !r->root[0])
		remember_root(r, e->name.local);
	f->rule = f[-1].place == PLACE_NONE ? NULL : find_rule(r, &e->name, f[-1].place);
	if (f[-1].place == PLACE_TOP && !r->has_channel)
		at_top(r, e, f);
	if (!f->rule)
		return;
	f->place = f->rule->opens;
	if (f->rule->holds != HOLDS_NOTHING) {
		f->place = PLACE_NONE;
		reader_begin_field(r, f->rule);
	}
	if (f->rule->start)
		f->rule->start(r, e);
	if (f->place == PLACE_PERSON) {
		reader_add_person(r, f->rule->rank);
		f->opened_person = true;
	}
	/* A channel without its <rss>, an <rss> in a namespace: what was learned before may mean something else now. */
	if (f[-1].place == PLACE_ROOT)
		r->rules_age++;
}

static void end_inside(struct reader *r, const char *local)
{
	if (r->xhtml && r->depth == r->collecting + 1 && strcmp(local, "div") == 0)
		return;
	if (r->kind != RAW_TEXT_PLAIN || r->xhtml)
		reader_write_end(r, local);
}

static void on_end(const struct xml_name *name, void *ctx)
{
	struct reader *r = ctx;
	struct frame *f = &r->stack[r->depth];

	if (r->skipped) {
		r->skipped--;
		return;
	}
	if (r->depth == 0)
		return;
	if (r->collecting == r->depth)
		reader_end_field(r);
	else if (r->collecting)
		end_inside(r, name->local);
	else if (f->rule && f->rule->end && f->rule->holds == HOLDS_NOTHING)
		f->rule->end(r, "");
	if (f->opened_item)
		end_item(r, f);
	if (f->opened_person)
		reader_end_person(r);
	r->depth--;
}

static void on_text(const char *s, size_t len, void *ctx)
{
	struct reader *r = ctx;

	if (r->collecting)
		reader_append_text(r, s, len);
}

/* ---- for what is no XML ---- */

static bool is_one_of(const char *local, const char *const *names)
{
	for (; *names; names++) {
		if (text_equal_nocase(*names, local))
			return true;
	}
	return false;
}

/* Another document begins, or the one that was meant, behind the junk of a broken script. */
static bool begins_document(struct reader *r, const struct xml_element *e)
{
	static const char *const roots[] = { "rss", "feed", "RDF", NULL };

	if (!is_one_of(e->name.local, roots) || (r->is_feed && r->collecting && text_equal_nocase(e->name.local, "RDF")))
		return false; /* (Licences are written in RDF, and stand in HTML.) */
	return !e->name.uri || namespace_of(&e->name) != NULL;
}

/* By the table; in xhtml by the name alone, since there the namespace in force is another. */
static bool begins_item(struct reader *r, const struct xml_element *e)
{
	static const char *const items[] = { "item", "entry", NULL };
	const struct rule *rule = find_rule(r, &e->name, PLACE_FEED);

	return rule ? rule->opens == PLACE_ITEM : r->collecting && r->xhtml && !e->name.prefix && is_one_of(e->name.local, items);
}

/* Whether an element whose name is a field's can be markup of the field being collected. */
static bool may_be_html(const struct reader *r, const struct xml_element *e)
{
	static const char *const markup[] = { "a", "b", "body", "center", "div", "figure", "p", NULL };
	static const char *const both[] = { "content", "image", "link", "source", "summary", "title", NULL };
	static const char *const prefixes[] = { "xhtml", "html", "h", NULL };
	bool directly = r->depth == r->collecting;

	if (e->name.prefix && !is_one_of(e->name.prefix, prefixes))
		return false;
	if (is_one_of(e->name.local, markup))
		return true;
	if (r->kind != RAW_TEXT_HTML || !is_one_of(e->name.local, both))
		return false;
	if (text_equal_nocase(e->name.local, "source"))
		return !xml_attribute(e, "url");
	if (text_equal_nocase(e->name.local, "link"))
		return e->n_attributes > 0 && !directly;
	return !directly;
}

/* The beginning of another field ends a field; of the same one too, when somebody forgot the slash of its end tag. */
static bool ends_field(struct reader *r, const struct xml_element *e)
{
	const struct rule *rule;

	if (r->xhtml)
		return false;
	rule = find_rule(r, &e->name, r->stack[r->collecting - 1].place);
	return rule && (r->kind == RAW_TEXT_PLAIN || !may_be_html(r, e));
}

/* What may stand in a picture or a person besides what we read of it. */
static bool belongs_to_part(const struct xml_element *e, enum place part)
{
	static const char *const image[] = { "title", "link", "description", "width", "height", NULL };
	static const char *const person[] = { "image", "description", "id", NULL };

	if (part == PLACE_SOURCE)
		return true;
	return is_one_of(e->name.local, part == PLACE_IMAGE ? image : person);
}

/* A part (an author, a picture, a file) or an empty element that was left open: what comes now belongs around it. */
static bool ends_part(struct reader *r, const struct xml_element *e)
{
	enum { AROUND = PLACE_ROOT | PLACE_TOP | PLACE_FEED | PLACE_ITEM };
	enum place part = r->stack[r->depth].place;
	size_t d = r->depth;

	if ((part & AROUND) || (part && (find_rule(r, &e->name, part) || belongs_to_part(e, part))))
		return false;
	while (d > 0 && r->stack[d].rule && !(r->stack[d].place & AROUND))
		d--;
	return (r->stack[d].place & (PLACE_FEED | PLACE_ITEM)) && find_rule(r, &e->name, r->stack[d].place);
}

/* What is left of an <item> that was to be an </item>. */
static bool is_empty(const struct raw_item *i)
{
	return !i->id && !i->title.value && !i->summary.value && !i->content.value && !i->links.n && !i->enclosures.n && !i->published &&
	       !i->updated && !i->categories.n && !i->authors.n;
}

/* Whether what is open must have been left open by mistake: a new item always ends the one before and all in it. */
static bool must_end(const struct xml_element *e, void *ctx)
{
	struct reader *r = ctx;

	if (r->skipped || r->depth == 0)
		return false;
	if (begins_document(r, e))
		return true;
	if (begins_item(r, e)) {
		r->item_mistaken = r->stack[r->depth].opened_item && r->item && is_empty(r->item);
		return r->depth > 1 && (r->collecting || !(r->stack[r->depth].place & (PLACE_TOP | PLACE_FEED)));
	}
	return r->collecting ? ends_field(r, e) : ends_part(r, e);
}

const struct xml_handler reader_handler = { .start_cb = on_start, .end_cb = on_end, .text_cb = on_text, .must_end_cb = must_end };

void reader_finish(struct reader *r, bool complete)
{
	r->feed->complete = complete;
	if (r->item && r->item != &r->dropped && r->feed->n_items) /* The damage cut it off: only whole items are kept (REL-10). */
		r->feed->n_items--;
	r->item = NULL;
}
