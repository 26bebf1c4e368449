/*
 * Which stored item is which of the document (features.md A and B; decision 013).
 *
 * Nearly always the keys tell, with one look-up for all (wanted.c), and what has the same digest under the same key is the same.
 * For the rest there are marks: hashes of an item's page, title and words, by which the item is found whose guid changed,
 * whose site moved, whose title was edited. What a mark finds is only a candidate. No stored item is taken twice in one
 * document, those with keys choose first, and accept() weighs what agrees: it is better to tell a story twice than to
 * lose one, so whatever differs in every way that its source has shown to mean something is new.
 *
 * A source whose documents show that its guids change, or that one guid or link is on many items, is believed (struct
 * identity_seen). The operator's rule, when there is one, is followed to the letter.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "syndicated/base/mem.h"

enum { MIGRATION_ITEMS = 2 };

/* ---- marks ---- */

void marks_encode(const struct item_marks *marks, unsigned char out[MARKS_BYTES])
{
	const uint64_t all[] = {marks->link, marks->title, marks->text};

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < ITEM_MARK_BITS / 8; k++)
			out[i * ITEM_MARK_BITS / 8 + k] = (unsigned char)(all[i] >> (8 * k));
}

static void marks_decode(const unsigned char *in, size_t len, struct item_marks *ret)
{
	uint64_t all[3] = {0};

	for (size_t i = 0; len == MARKS_BYTES && i < 3; i++)
		for (size_t k = 0; k < ITEM_MARK_BITS / 8; k++)
			all[i] |= (uint64_t)in[i * ITEM_MARK_BITS / 8 + k] << (8 * k);
	*ret = (struct item_marks){.link = all[0], .title = all[1], .text = all[2]};
}

/* Marks of one source stand together. Sources that are 2^23 apart share a place, and source_id is checked. */
static int64_t mark_row(int64_t source_id, uint64_t mark)
{
	return (int64_t)(((uint64_t)source_id & 0x7fffff) << ITEM_MARK_BITS | mark);
}

/* The rows of those that it has. */
static size_t wanted_marks(int64_t source_id, const struct item_marks *marks, int64_t out[3])
{
	const uint64_t all[] = {marks->link, marks->title, marks->text};
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (all[i])
			out[n++] = mark_row(source_id, all[i]);
	return n;
}

static int drop_marks(struct db *db, int64_t source_id, int64_t item_id, const struct item_marks *marks, struct err *err)
{
	static const char drop[] = "DELETE FROM item_mark WHERE mark = ? AND item_id = ?";
	int64_t rows[3];
	size_t n = wanted_marks(source_id, marks, rows);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = stmt_run(db, drop, err, "ii", rows[i], item_id);
	return rc;
}

int marks_save(struct merge *m, int64_t item_id, const struct item *i, const struct item_marks *old, struct err *err)
{
	static const char save[] = "INSERT OR REPLACE INTO item_mark (mark, item_id) VALUES (?, ?)";
	int64_t rows[3];
	size_t n = wanted_marks(m->record->source_id, &i->marks, rows);
	int rc = 0;

	if (old && memcmp(old, &i->marks, sizeof(*old)) == 0)
		return 0;
	if (old)
		rc = drop_marks(m->db, m->record->source_id, item_id, old, err);
	for (size_t k = 0; rc == 0 && k < n; k++)
		rc = stmt_run(m->db, save, err, "ii", rows[k], item_id);
	return rc;
}

int marks_drop(struct db *db, int64_t item_id, struct err *err)
{
	static const char find[] = "SELECT source_id, marks FROM item WHERE id = ?";
	sqlite3_stmt *row = stmt_bind(db, find, err, "i", item_id);
	struct item_marks marks;
	int64_t source_id;
	int rc = row ? stmt_step(db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	source_id = sqlite3_column_int64(row, 0);
	marks_decode(sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1), &marks);
	stmt_done(row);
	return drop_marks(db, source_id, item_id, &marks, err);
}

/* ---- stored items ---- */

static void stored_item_done(struct stored_item *k)
{
	mem_free(k->guid);
	mem_free(k->url);
	*k = (struct stored_item){0};
}

void stored_items_free(struct stored_item *items, size_t n)
{
	for (size_t i = 0; items && i < n; i++)
		stored_item_done(&items[i]);
	mem_free(items);
}

static bool has_digest(sqlite3_stmt *row, int column, const struct item *i)
{
	struct item_key digest;

	return column_key(row, column, &digest) && memcmp(digest.bytes, i->digest.bytes, ITEM_KEY_BYTES) == 0;
}

/* All that is needed of an item to weigh it or to change it; 0 when it is not one of this source. */
static int find_whole(struct merge *m, int64_t id, const struct item *i, struct stored_item *ret, struct err *err)
{
	static const char find[] =
		"SELECT i.key, i.story_id, i.revision, k.seen_ms, k.digest, i.held, i.marks, i.updates, i.published_ms,"
		" iif(i.guid = '', i.link, i.guid), iif(i.canonical_url = '', i.link, i.canonical_url) FROM item i"
		" JOIN item_key k ON k.source_id = i.source_id AND k.key = i.key WHERE i.id = ? AND i.source_id = ?";
	sqlite3_stmt *row = stmt_bind(m->db, find, err, "ii", id, m->record->source_id);
	int rc = row ? stmt_step(m->db, row, err) : ERR_IO;

	if (rc <= 0)
		return rc;
	*ret = (struct stored_item){
		.id = id,
		.story_id = sqlite3_column_int64(row, 1),
		.revision = sqlite3_column_int64(row, 2),
		.seen_ms = sqlite3_column_int64(row, 3),
		.same = has_digest(row, 4, i),
		.is_whole = true,
		.held = sqlite3_column_int(row, 5) != 0,
		.updates = sqlite3_column_int64(row, 7),
		.published_ms = column_time(row, 8),
		.guid = column_str(row, 9),
		.url = column_str(row, 10),
	};
	(void)column_key(row, 0, &ret->key);
	marks_decode(sqlite3_column_blob(row, 6), (size_t)sqlite3_column_bytes(row, 6), &ret->marks);
	stmt_done(row);
	return 1;
}

/* ---- weighing ---- */

/* "/path?query" of a canonical URL. */
static const char *path_of(const char *url)
{
	const char *s = url ? strstr(url, "://") : NULL;

	s = s ? strchr(s + 3, '/') : NULL;
	return s && s[1] ? s : NULL;
}

static bool same_str(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

struct likeness {
	bool guid, other_guid; /* equal; both have one and they differ */
	bool link, other_link;
	bool title, other_title;
	bool text, other_text;
	bool date, other_date;
	bool path; /* the link, on another host */
	bool page; /* the link, but for the fragment */
	bool guid_shared, link_shared;
};

static struct likeness compare(const struct merge *m, const struct item *i, const struct stored_item *k)
{
	bool dated = i->published_ms != TIME_UNKNOWN && k->published_ms != TIME_UNKNOWN;
	struct likeness l = {
		.guid = same_str(i->guid, k->guid),
		.link = i->marks.link && i->marks.link == k->marks.link,
		.title = i->marks.title && i->marks.title == k->marks.title,
		.text = i->marks.text && i->marks.text == k->marks.text,
		.date = dated && i->published_ms == k->published_ms,
		.other_date = dated && i->published_ms != k->published_ms,
		.guid_shared = i->guid_is_shared || m->seen.guids_repeat > 0,
		.link_shared = i->link_is_shared || m->seen.links_repeat > 0,
	};

	l.other_guid = i->guid && k->guid && !l.guid;
	l.other_link = i->marks.link && k->marks.link && !l.link;
	l.other_title = i->marks.title && k->marks.title && !l.title;
	l.other_text = i->marks.text && k->marks.text && !l.text;
	l.page = l.other_link && same_str(i->canonical_url, k->url);
	l.path = l.other_link && !l.page && same_str(path_of(i->canonical_url), path_of(k->url));
	return l;
}

/* Its guid says that it is the same. */
static bool accept_guid(const struct likeness *l)
{
	if (l->guid_shared)
		return (l->link && (l->title || !l->link_shared)) || (l->title && (l->text || l->date));
	/* A guid that is used again for something else entirely. */
	return l->link || l->title || l->text || l->date || !l->other_link || !l->other_title;
}

/* Whether its words say so: the title with another sign, or the text with a title that was edited. */
static bool accept_words(const struct likeness *l)
{
	return (l->title && l->text && !l->other_date) || (l->title && l->date && !l->other_text) || (l->text && l->date);
}

/* Both have guids, and they differ: either the guid changed or these are two. */
static bool accept_other_guid(const struct merge *m, const struct likeness *l)
{
	bool guids_change = m->seen.guids_change >= SEEN_TWICE;

	if (l->link && !l->link_shared)
		return guids_change || l->text || (l->title && !l->other_date) || l->date;
	if (l->path)
		return l->title || l->text;
	if (l->link)
		return l->title && l->text && (l->date || guids_change);
	if (l->other_link)
		return !l->page && ((l->title && l->text && l->date) || (l->text && l->date));
	return (l->title && l->text && (!l->other_date || guids_change)) || (guids_change && l->title && !l->other_text);
}

/* One of them has no guid. */
static bool accept_no_guid(const struct likeness *l)
{
	if (l->link)
		return !l->link_shared || (l->title && (l->text || l->date || !l->other_text)) || (l->text && (l->date || !l->other_title));
	if (l->path)
		return l->title || l->text;
	if (l->page)
		return l->title && !l->link_shared && !l->other_date;
	if (l->other_link)
		return l->text && (l->title || l->date) && !l->other_date;
	return accept_words(l) || (l->title && !l->other_date);
}

static bool accept(const struct merge *m, const struct item *i, const struct stored_item *k)
{
	const struct likeness l = compare(m, i, k);

	switch (m->rule) {
	case IDENTITY_GUID:
		if (i->guid && k->guid)
			return l.guid;
		break;
	case IDENTITY_LINK:
		if (i->marks.link && k->marks.link)
			return l.link;
		break;
	case IDENTITY_LINK_TITLE:
		if (i->marks.link && k->marks.link)
			return l.link && l.title;
		break;
	case IDENTITY_DIGEST:
		return l.title == (i->marks.title != 0) && !l.other_link && (l.text || k->same || (!i->marks.text && !k->marks.text));
	case IDENTITY_AUTO:
	case IDENTITY_RULES:
	default:
		break;
	}
	if (l.guid)
		return accept_guid(&l);
	return l.other_guid ? accept_other_guid(m, &l) : accept_no_guid(&l);
}

/* Alone that says little; when it is so of most of a document, the site has moved or was built anew. */
static bool accept_in_migration(const struct merge *m, const struct item *i, const struct stored_item *k)
{
	const struct likeness l = compare(m, i, k);

	return m->rule == IDENTITY_AUTO && l.title && !l.page && (l.text || l.date || (l.link && !l.link_shared));
}

/* ---- the document ---- */

struct matching {
	struct merge *m;
	struct stored_item *known;
	int64_t *taken; /* open addressing: ids of stored items that an item of the document is */
	size_t places;
	uint64_t *new_keys; /* how they begin */
	int64_t *maybe; /* of each item that is new so far: what it would be in a migration */
	size_t n_maybe;
	size_t n_new, n_by_key;
};

static size_t place_of(const struct matching *x, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 20) % x->places;

	while (x->taken[at] && x->taken[at] != id)
		at = (at + 1) % x->places;
	return at;
}

static bool is_taken(const struct matching *x, int64_t id)
{
	return x->taken[place_of(x, id)] == id;
}

static void take(struct matching *x, int64_t id)
{
	x->taken[place_of(x, id)] = id;
}

/* What has the item's key is it right away when it says the same, otherwise when it is accepted. */
static int match_key(struct matching *x, size_t n, struct err *err)
{
	const struct item *i = &x->m->record->document->items[n];
	struct stored_item *k = &x->known[n];
	int64_t id = k->id;
	bool made_of_words;
	int rc = k->same ? 0 : find_whole(x->m, id, i, k, err);

	if (rc < 0)
		return rc;
	k->same |= is_taken(x, id); /* said twice: the first is what counts */
	made_of_words = !i->guid && !i->marks.link;
	if (k->same || made_of_words || accept(x->m, i, k)) {
		take(x, id);
		x->n_by_key++;
	} else {
		stored_item_done(k);
		k->key_is_taken = true;
	}
	return 0;
}

/* All keys in one statement, in the order of the document. */
static int match_keys(struct matching *x, struct err *err)
{
	static const char find[] =
		"SELECT w.place, k.item_id, k.seen_ms, k.digest FROM wanted w CROSS JOIN item_key k ON k.source_id = ? AND k.key = w.key";
	const struct feed_document *d = x->m->record->document;
	sqlite3_stmt *row;
	int rc;

	x->m->db->wanted = (struct wanted_items){d->items, d->n_items};
	row = stmt_bind(x->m->db, find, err, "i", x->m->record->source_id);
	rc = row ? 1 : ERR_IO;
	while (rc == 1 && (rc = stmt_step(x->m->db, row, err)) == 1) {
		size_t n = (size_t)sqlite3_column_int64(row, 0);

		x->known[n] = (struct stored_item){.id = sqlite3_column_int64(row, 1), .key = d->items[n].key, .seen_ms = sqlite3_column_int64(row, 2),
		                                   .same = has_digest(row, 3, &d->items[n])};
		rc = match_key(x, n, err);
		rc = rc < 0 ? rc : 1;
	}
	if (row && rc < 0)
		stmt_done(row);
	x->m->db->wanted = (struct wanted_items){0};
	return rc;
}

/* A worker sends no key twice; if it does, the second is not another item. */
static bool is_repeat(struct matching *x, const struct item *i)
{
	uint64_t begin;
	size_t at;

	memcpy(&begin, i->key.bytes, sizeof(begin));
	begin += begin == 0;
	for (at = begin % x->places; x->new_keys[at] && x->new_keys[at] != begin; at = (at + 1) % x->places)
		;
	if (x->new_keys[at] == begin)
		return true;
	x->new_keys[at] = begin;
	return false;
}

static int match_mark(struct matching *x, size_t n, uint64_t mark, struct err *err)
{
	static const char find[] = "SELECT item_id FROM item_mark WHERE mark = ?";
	const struct item *i = &x->m->record->document->items[n];
	struct stored_item k = {0};
	int64_t id = 0;
	int rc = mark ? stmt_int(x->m->db, &id, 0, find, err, "i", mark_row(x->m->record->source_id, mark)) : 0;

	if (rc < 0 || id == 0 || is_taken(x, id))
		return rc;
	rc = find_whole(x->m, id, i, &k, err);
	if (rc <= 0)
		return rc;
	if (accept(x->m, i, &k)) {
		k.by_mark = true;
		x->known[n] = k;
		x->known[n].key_is_taken = false;
		take(x, id);
		return 1;
	}
	if (!x->maybe[n] && accept_in_migration(x->m, i, &k)) {
		x->maybe[n] = id;
		x->n_maybe++;
	}
	stored_item_done(&k);
	return 0;
}

static int match_marks(struct matching *x, size_t n, struct err *err)
{
	const struct item_marks *marks = &x->m->record->document->items[n].marks;
	bool is_first = x->m->effect->first_fetch; /* nothing is stored */
	int rc = is_first ? 0 : match_mark(x, n, marks->link, err);

	if (rc == 0 && !is_first)
		rc = match_mark(x, n, marks->title, err);
	if (rc == 0 && !is_first)
		rc = match_mark(x, n, marks->text, err);
	if (rc == 0) {
		x->n_new++;
		x->known[n].is_repeat = is_repeat(x, &x->m->record->document->items[n]);
	}
	return rc < 0 ? rc : 0;
}

static int migrate(struct matching *x, struct err *err)
{
	const struct feed_document *d = x->m->record->document;
	int rc = 0;

	for (size_t n = 0; rc >= 0 && n < d->n_items; n++) {
		if (x->known[n].id || !x->maybe[n] || is_taken(x, x->maybe[n]))
			continue;
		rc = find_whole(x->m, x->maybe[n], &d->items[n], &x->known[n], err);
		x->known[n].by_mark = true;
		take(x, x->maybe[n]);
	}
	return rc < 0 ? rc : 0;
}

static void learn_guids(struct identity_seen *seen, bool changed, size_t n_by_key)
{
	if (changed && n_by_key == 0)
		identity_count(&seen->guids_change, 1);
	else if (!changed && n_by_key > 1)
		identity_count(&seen->guids_change, -1);
}

static void learn_shared(struct identity_seen *seen, const struct feed_document *d)
{
	bool guids = false, links = false;

	for (size_t n = 0; n < d->n_items; n++) {
		guids |= d->items[n].guid_is_shared;
		links |= d->items[n].link_is_shared;
	}
	identity_count(&seen->guids_repeat, guids);
	identity_count(&seen->links_repeat, links);
}

static void learn(struct matching *x)
{
	const struct feed_document *d = x->m->record->document;
	bool changed = false;

	for (size_t n = 0; n < d->n_items; n++) {
		if (x->known[n].by_mark && same_str(d->items[n].guid, x->known[n].guid))
			x->n_by_key++;
		else
			changed |= x->known[n].by_mark && d->items[n].guid && x->known[n].guid;
	}
	learn_shared(&x->m->seen, d);
	learn_guids(&x->m->seen, changed, x->n_by_key);
}

void match_known(struct merge *m)
{
	learn_shared(&m->seen, m->record->document);
	learn_guids(&m->seen, false, m->record->document->n_items);
}

static int match_all(struct matching *x, struct err *err)
{
	const struct feed_document *d = x->m->record->document;
	int rc = match_keys(x, err);

	for (size_t n = 0; rc == 0 && n < d->n_items; n++)
		if (!x->known[n].id)
			rc = match_marks(x, n, err);
	if (rc == 0 && x->n_maybe >= MIGRATION_ITEMS && 2 * x->n_maybe >= x->n_new)
		rc = migrate(x, err);
	return rc;
}

int match_items(struct merge *m, struct stored_item **ret, struct err *err)
{
	size_t n = m->record->document->n_items;
	struct matching x = {.m = m, .places = 2 * n + 1};
	int rc;

	x.known = mem_new_array(struct stored_item, n + 1);
	x.taken = mem_new_array(int64_t, x.places);
	x.maybe = mem_new_array(int64_t, n + 1);
	x.new_keys = mem_new_array(uint64_t, x.places);
	rc = match_all(&x, err);
	if (rc == 0)
		learn(&x);
	mem_free(x.taken);
	mem_free(x.maybe);
	mem_free(x.new_keys);
	*ret = x.known;
	return rc;
}
