/* What elements say goes into the raw feed here, by the precedence of the rows that say it. */
#include "reader_internal.h"

#include <string.h>

#include "syndicated/base/text.h"

/* Trimmed copy. An item whose fields are too many bytes gets no more of them (REL-8). */
static char *keep(struct reader *r, const char *s, size_t len)
{
	while (len && text_is_space(*s)) {
		s++;
		len--;
	}
	while (len && text_is_space(s[len - 1]))
		len--;
	if (len == 0)
		return NULL;
	r->item_bytes += len;
	if (r->item_bytes > LIMIT_ITEM_BYTES) {
		if (!r->item_full)
			problem_add(&r->feed->problems, "item-too-big", r->item ? r->item->line : 0,
			            "An item holds more text than is kept; the rest of it was dropped.");
		r->item_full = true;
		return NULL;
	}
	return arena_dup(r->feed->arena, s, len);
}

char *reader_keep(struct reader *r, const char *s)
{
	return s ? keep(r, s, strlen(s)) : NULL;
}

/* Whether a row may fill the slot: it is empty, or holds something of a lower row. */
static bool outranks(struct reader *r, enum slot slot, enum rank rank)
{
	uint8_t *ranks = r->item ? r->item_ranks : r->feed_ranks;

	if (ranks[slot] >= (uint8_t)rank)
		return false;
	ranks[slot] = (uint8_t)rank;
	return true;
}

static const char **item_slot(struct raw_item *i, enum slot slot)
{
	switch ((int)slot) {
	case SLOT_ID: return &i->id;
	case SLOT_PUBLISHED: return &i->published;
	case SLOT_UPDATED: return &i->updated;
	case SLOT_RIGHTS: return &i->rights;
	case SLOT_LANGUAGE: return &i->language;
	case SLOT_COMMENTS: return &i->comments_url;
	case SLOT_COMMENTS_FEED: return &i->comments_feed;
	case SLOT_COMMENTS_COUNT: return &i->comments_count;
	case SLOT_IN_REPLY_TO: return &i->in_reply_to;
	case SLOT_ORIGINAL_URL: return &i->original_url;
	case SLOT_THUMBNAIL: return &i->thumbnail;
	case SLOT_DURATION: return &i->duration;
	case SLOT_SEASON: return &i->season;
	case SLOT_EPISODE: return &i->episode;
	case SLOT_LATITUDE: return &i->latitude;
	case SLOT_LONGITUDE: return &i->longitude;
	default: return NULL;
	}
}

static const char **feed_slot(struct raw_feed *f, enum slot slot)
{
	switch ((int)slot) {
	case SLOT_ID: return &f->id;
	case SLOT_PUBLISHED: return &f->published;
	case SLOT_UPDATED: return &f->updated;
	case SLOT_RIGHTS: return &f->rights;
	case SLOT_LANGUAGE: return &f->language;
	case SLOT_GENERATOR: return &f->generator;
	case SLOT_ICON: return &f->icon;
	case SLOT_LOGO: return &f->logo;
	case SLOT_TTL: return &f->ttl_minutes;
	case SLOT_PERIOD: return &f->update_period;
	case SLOT_FREQUENCY: return &f->update_frequency;
	case SLOT_BASE: return &f->update_base;
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

static void add_author(struct reader *r, const char *text, enum rank rank)
{
	reader_add_person(r, rank);
	if (r->person)
		r->person->name = reader_keep(r, text);
	reader_end_person(r);
}

/* Nothing but what XML takes for space. */
static bool is_blank(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
		s++;
	return *s == '\0';
}

void reader_fill_bytes(struct reader *r, enum slot slot, enum rank rank, const char *text, size_t len, enum raw_text_kind kind)
{
	const struct frame *f = &r->stack[r->depth];
	struct raw_text *t = text_slot(r, slot);
	const char **p = r->item ? item_slot(r->item, slot) : feed_slot(r->feed, slot);
	char *kept;

	if (is_blank(text))
		return;
	if (slot == SLOT_AUTHOR) {
		add_author(r, text, rank);
	} else if (slot == SLOT_CATEGORY) {
		reader_add_category(r, text, NULL, NULL);
	} else if ((t || p) && outranks(r, slot, rank) && (kept = keep(r, text, len))) {
		if (t)
			*t = (struct raw_text){ .value = kept, .kind = kind, .base = f->base, .language = f->language };
		else
			*p = kept;
	}
}

void reader_fill(struct reader *r, enum slot slot, enum rank rank, const char *text, enum raw_text_kind kind)
{
	if (text)
		reader_fill_bytes(r, slot, rank, text, strlen(text), kind);
}

struct raw_link *reader_add_link(struct reader *r, const struct xml_element *e, const char *href, const char *rel)
{
	struct raw_link *l;
	const char *kept = reader_keep(r, href);

	if (!kept)
		return NULL;
	l = raw_list_add(r->feed, r->item ? &r->item->links : &r->feed->links, sizeof(*l));
	if (!l)
		return NULL;
	l->href = kept;
	l->rel = reader_keep(r, rel);
	l->base = r->stack[r->depth].base;
	if (e) {
		l->type = reader_keep(r, xml_attribute(e, "type"));
		l->title = reader_keep(r, xml_attribute(e, "title"));
		l->length = reader_keep(r, xml_attribute(e, "length"));
		l->hreflang = reader_keep(r, xml_attribute(e, "hreflang"));
	}
	return l;
}

void reader_add_person(struct reader *r, enum rank rank)
{
	struct raw_list *l = r->item ? &r->item->authors : &r->feed->authors;
	uint8_t *have = &(r->item ? r->item_ranks : r->feed_ranks)[SLOT_AUTHOR];

	r->person = NULL;
	r->person_ignored = *have > (uint8_t)rank;
	if (r->person_ignored)
		return;
	if (*have < (uint8_t)rank)
		l->n = 0; /* What a lesser element said gives way. */
	*have = (uint8_t)rank;
	r->person = raw_list_add(r->feed, l, sizeof(struct raw_person));
	if (r->person)
		*r->person = (struct raw_person){ 0 };
	r->person_ignored = r->person == NULL;
}

void reader_end_person(struct reader *r)
{
	r->person = NULL;
	r->person_ignored = false;
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

struct raw_enclosure *reader_add_enclosure(struct reader *r, const struct xml_element *e, const char *url, const char *length)
{
	struct raw_enclosure *n;
	const char *kept = r->item ? reader_keep(r, url) : NULL;

	if (!kept)
		return NULL;
	n = raw_list_add(r->feed, &r->item->enclosures, sizeof(*n));
	if (!n)
		return NULL;
	n->url = kept;
	n->length = reader_keep(r, length);
	n->base = r->stack[r->depth].base;
	if (e) {
		n->type = reader_keep(r, xml_attribute(e, "type"));
		n->duration = reader_keep(r, xml_attribute(e, "duration"));
		n->title = reader_keep(r, xml_attribute(e, "title"));
	}
	return n;
}

void reader_remember(struct reader *r, enum remember what, const char *value)
{
	r->remembered[what] = value ? arena_dup(r->feed->arena, value, strlen(value)) : NULL;
}

const char *reader_remembered(const struct reader *r, enum remember what)
{
	return r->remembered[what];
}
