/*
 * Keys. Every key is the first 16 bytes of a SHA-256 over the name of its rule and its fields, each with its length in
 * front, so that no value of one rule can be made to look like that of another. Stored data depends on all of it. What
 * tells a changed item is no key, and a fingerprint (decision 006); nor are marks, by which the store finds an item
 * again whose key is another (decision 013).
 */
#include "syndicated/identify.h"

#include <stdlib.h>
#include <string.h>

#include "mask.h"
#include "memo.h"
#include "syndicated/base/digest.h"
#include "syndicated/base/fingerprint.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { TEXT_MARK_BYTES = 40 /* fewer letters say the same too easily */, WORTH_BYTES = 256 };

static const char words_field[] = "text";
enum { WORDS_BEGIN = FINGERPRINT_PREFIX_BYTES + sizeof(words_field) - 1 + FINGERPRINT_PREFIX_BYTES };

struct identify {
	struct digest_state *digest;
	struct fingerprint_state *fingerprint;
	struct identify_memo *memo;
	const char *site; /* the document's own link */
	struct buf said;  /* fields of what the item says, masked; */
	size_t title_end; /* its title is there first; */
	struct buf words; /* and the words of that, behind the field that says so */
	struct buf url, room;
};

static struct item_key key_of(struct identify *s, const char *rule, const char *a, const char *b, const char *c)
{
	struct digest d;
	struct item_key key;

	digest_add_field(s->digest, rule);
	digest_add_field(s->digest, a);
	digest_add_field(s->digest, b);
	if (c)
		digest_add_field(s->digest, c);
	d = digest_next(s->digest);
	memcpy(key.bytes, d.bytes, sizeof(key.bytes));
	return key;
}

static uint64_t mark_from(struct fingerprint f)
{
	uint64_t mark = 0;

	for (size_t i = 0; i < ITEM_MARK_BITS / 8; i++)
		mark = mark << 8 | f.bytes[i];
	return mark ? mark : 1;
}

static uint64_t mark_of(struct identify *s, const char *kind, const char *value)
{
	fingerprint_add_field(s->fingerprint, kind);
	fingerprint_add_field(s->fingerprint, value);
	return mark_from(fingerprint_next(s->fingerprint));
}

/* ---- links ---- */

/* The fragment, with "#", when it may name a part of the page that is an item of its own; "" otherwise. */
static const char *fragment_of(const struct item *i)
{
	static const char *const trackers[] = { "xtor=", "utm_", "ref=", "at_", "ens_id", "echobox", "mtm_", "rss", "comments", "respond",
		                                "disqus_thread", "more-", "intcid", "ftag=", "src=", "from=", "link=", "sp=" };
	const char *fragment = i->link ? strchr(i->link, '#') : NULL;

	if (!fragment || !fragment[1] || strchr(i->canonical_url, '#'))
		return "";
	for (size_t n = 0; n < sizeof(trackers) / sizeof(*trackers); n++)
		if (text_has_prefix_nocase(fragment + 1, trackers[n]))
			return "";
	return fragment;
}

/* Host and path, however they were reached. */
static const char *bare(const char *url, size_t *ret_len)
{
	const char *s = strstr(url, "://");

	s = s ? s + 3 : url;
	if (text_has_prefix_nocase(s, "www."))
		s += 4;
	*ret_len = strlen(s);
	while (*ret_len && s[*ret_len - 1] == '/')
		--*ret_len;
	return s;
}

/* The front page, or the page that the feed is of, is where items are, and none of them. */
static bool is_home(const struct identify *s, const char *url)
{
	size_t len, site_len;
	const char *at = bare(url, &len), *site;

	if (!memchr(at, '/', len) && !memchr(at, '?', len) && !memchr(at, '#', len))
		return true;
	if (!s->site)
		return false;
	site = bare(s->site, &site_len);
	for (size_t i = 0; i < len && len == site_len; i++)
		if (text_lower(at[i]) != text_lower(site[i]))
			return false;
	return len == site_len;
}

/* "2401.00001v2" is the second version of the same paper; case and a slash at the end are habits of servers. */
static void fold_link(const char *url, struct buf *out)
{
	size_t n = strlen(url), digits = n;
	char *to;

	while (n && url[n - 1] == '/')
		digits = --n;
	while (digits && text_is_digit(url[digits - 1]))
		digits--;
	if (digits < n && digits > 1 && url[digits - 1] == 'v' && text_is_digit(url[digits - 2]))
		n = digits - 1;
	to = buf_reserve(out, n);
	if (!to)
		return;
	for (size_t i = 0; i < n; i++)
		to[i] = text_lower(url[i]);
	buf_grew(out, n);
}

/* Leaves the address that identifies the item's page in s->url; false when it has none. */
static bool read_link(struct identify *s, const struct item *i)
{
	const char *fragment;

	buf_clear(&s->url);
	if (!i->canonical_url)
		return false;
	fragment = fragment_of(i);
	if (!*fragment && is_home(s, i->canonical_url))
		return false;
	fold_link(i->canonical_url, &s->url);
	buf_append_str(&s->url, fragment);
	return true;
}

/* ---- one item ---- */

/* Its words are left in s->words; those of before stay there when there is no text. */
static void add_masked(struct identify *s, const char *text)
{
	size_t field, words;

	if (!text) {
		fingerprint_append_field(&s->said, NULL);
		return;
	}
	buf_clear(&s->words);
	fingerprint_append_field(&s->words, words_field);
	words = fingerprint_begin_field(&s->words);
	field = fingerprint_begin_field(&s->said);
	mask_volatile(text, &s->said, &s->words);
	fingerprint_end_field(&s->said, field);
	fingerprint_end_field(&s->words, words);
}

static void add_link(struct identify *s, const struct item *i)
{
	const char *query = i->canonical_url ? strchr(i->canonical_url, '?') : NULL;
	size_t field;

	if (!i->canonical_url) {
		fingerprint_append_field(&s->said, i->link);
		return;
	}
	field = fingerprint_begin_field(&s->said);
	/* A parameter that looks random is a session or a signature that no table knows. */
	if (query) {
		mask_url(i->canonical_url, (size_t)(query - i->canonical_url), &s->said);
		buf_append_char(&s->said, '?');
		mask_url(query + 1, strlen(query + 1), &s->said);
	} else {
		fold_link(i->canonical_url, &s->said);
	}
	fingerprint_end_field(&s->said, field);
}

static void add_enclosure(struct identify *s, const char *url)
{
	size_t field = fingerprint_begin_field(&s->said);

	if (url)
		mask_url(url, strlen(url), &s->said);
	fingerprint_end_field(&s->said, field);
}

/* What a reader sees of an item; not its dates, which many feeds renew at each request. */
static struct item_key fingerprint_of_item(struct identify *s, const struct item *i)
{
	struct fingerprint f;
	struct item_key key;

	buf_clear(&s->said);
	add_masked(s, i->title);
	s->title_end = s->said.len;
	add_link(s, i);
	buf_clear(&s->words);
	add_masked(s, i->summary_is_made ? NULL : i->summary);
	add_masked(s, i->content);
	for (size_t n = 0; n < i->n_authors; n++)
		fingerprint_append_field(&s->said, i->authors[n].name);
	for (size_t n = 0; n < i->n_enclosures; n++)
		add_enclosure(s, i->enclosures[n].url);
	f = fingerprint_of(s->said.bytes, s->said.len);
	memcpy(key.bytes, f.bytes, sizeof(key.bytes));
	return key;
}

/* After fingerprint_of_item(), which has masked the texts: the words are those of the content, or of the summary. */
static void mark_texts(struct identify *s, struct item *i)
{
	buf_clear(&s->room);
	if (i->title)
		mask_title(s->said.bytes + FINGERPRINT_PREFIX_BYTES, s->title_end - FINGERPRINT_PREFIX_BYTES, &s->room);
	i->marks.title = s->room.len ? mark_of(s, "title", s->room.bytes) : 0;
	i->marks.text = s->words.len >= WORDS_BEGIN + TEXT_MARK_BYTES ? mark_from(fingerprint_of(s->words.bytes, s->words.len)) : 0;
}

static void set_key(struct item *i, const char *rule, struct item_key key)
{
	memset(i->key_rule, 0, sizeof(i->key_rule));
	memcpy(i->key_rule, rule, strlen(rule));
	i->key = key;
}

/* A tag: URI (RFC 4151) or a UUID (RFC 9562) names one thing wherever it stands; a number or a path does not. */
static bool is_unique_in_the_world(const char *guid)
{
	static const char uuid[] = "urn:uuid:";

	if (!guid)
		return false;
	if (text_has_prefix_nocase(guid, uuid))
		return strlen(guid) == strlen(uuid) + 36;
	return text_has_prefix_nocase(guid, "tag:") && strchr(guid, ',') != NULL && strlen(guid) > 20;
}

static const char *rule_of_key(const struct item *i)
{
	return i->guid ? "guid" : i->marks.link ? "link" : "digest";
}

static void read_keys(struct identify *s, struct item *i)
{
	const char *rule;

	i->marks.link = read_link(s, i) ? mark_of(s, "link", s->url.bytes) : 0;
	rule = rule_of_key(i);
	if (i->guid)
		set_key(i, rule, key_of(s, rule, i->guid, NULL, NULL));
	else if (i->marks.link)
		set_key(i, rule, key_of(s, rule, i->canonical_url, *fragment_of(i) ? fragment_of(i) : NULL, NULL));
	else
		set_key(i, rule, key_of(s, rule, i->title, i->content ? i->content : i->summary, NULL));
	i->has_url_key = i->canonical_url != NULL;
	if (i->has_url_key)
		i->url_key = key_of(s, "url", i->canonical_url, NULL, NULL);
	i->has_id_key = is_unique_in_the_world(i->guid);
	if (i->has_id_key)
		i->id_key = key_of(s, "id", i->guid, NULL, NULL);
}

static void read_item(struct identify *s, struct item *i)
{
	i->digest = fingerprint_of_item(s, i);
	mark_texts(s, i);
	read_keys(s, i);
}

/* ---- an item that was read before ---- */

/* Under that, reading it again costs hardly more than knowing it, which takes a hundred bytes. */
static bool is_worth_knowing(const struct item *i)
{
	const char *const texts[] = { i->content, i->summary, i->title };
	size_t len = 0;

	for (size_t k = 0; k < sizeof(texts) / sizeof(*texts) && len < WORTH_BYTES; k++)
		len += texts[k] ? strnlen(texts[k], WORTH_BYTES) : 0;
	return len >= WORTH_BYTES;
}

/* All that read_item() looks at. The lengths come last and together, since each piece costs more than its bytes. */
static struct fingerprint fingerprint_as_it_is(const struct identify *s, const struct item *i)
{
	const char *const texts[] = { s->site, i->guid, i->title, i->canonical_url, i->link, i->summary, i->content };
	uint64_t lengths[sizeof(texts) / sizeof(*texts) + 2];
	struct fingerprint_state *f = memo_fingerprint(s->memo);
	size_t n = 0;

	for (; n < sizeof(texts) / sizeof(*texts); n++) {
		lengths[n] = texts[n] ? strlen(texts[n]) : UINT64_MAX; /* no text has this length */
		if (texts[n])
			fingerprint_add(f, texts[n], (size_t)lengths[n]);
	}
	lengths[n++] = i->summary_is_made;
	lengths[n++] = i->n_authors;
	for (size_t k = 0; k < i->n_authors; k++)
		fingerprint_add_field(f, i->authors[k].name);
	for (size_t k = 0; k < i->n_enclosures; k++)
		fingerprint_add_field(f, i->enclosures[k].url);
	fingerprint_add(f, lengths, n * sizeof(lengths[0]));
	return fingerprint_next(f);
}

static struct identity identity_of(const struct item *i)
{
	return (struct identity){
		.key = i->key,
		.digest = i->digest,
		.url_key = i->url_key,
		.id_key = i->id_key,
		.marks = i->marks,
		.has_url_key = i->has_url_key,
		.has_id_key = i->has_id_key,
	};
}

static void take_identity(struct item *i, const struct identity *from)
{
	i->digest = from->digest;
	i->url_key = from->url_key;
	i->id_key = from->id_key;
	i->marks = from->marks;
	i->has_url_key = from->has_url_key;
	i->has_id_key = from->has_id_key;
	set_key(i, rule_of_key(i), from->key);
}

static void identify_once(struct identify *s, struct item *i, const struct fingerprint *as_it_is)
{
	struct identity known;

	if (memo_find(s->memo, as_it_is, &known)) {
		take_identity(i, &known);
		return;
	}
	read_item(s, i);
	known = identity_of(i);
	memo_add(s->memo, as_it_is, &known);
}

/* First all are asked for, since what is remembered lies far off in memory and comes meanwhile. */
static void identify_items(struct identify *s, struct feed_document *d)
{
	struct fingerprint *as_they_are = mem_new_array(struct fingerprint, d->n_items + 1);
	bool *is_worth = mem_new_array(bool, d->n_items + 1);

	for (size_t k = 0; k < d->n_items; k++) {
		is_worth[k] = is_worth_knowing(&d->items[k]);
		if (!is_worth[k])
			continue;
		as_they_are[k] = fingerprint_as_it_is(s, &d->items[k]);
		memo_expect(s->memo, &as_they_are[k]);
	}
	for (size_t k = 0; k < d->n_items; k++) {
		if (is_worth[k])
			identify_once(s, &d->items[k], &as_they_are[k]);
		else
			read_item(s, &d->items[k]);
	}
	mem_free(as_they_are);
	mem_free(is_worth);
}

/* ---- items of one document beside each other ---- */

/* Orders by what two items share, and then by age: the first of a group is the one that stays. */
static int compare_ages(const struct item *a, const struct item *b)
{
	int64_t x = a->updated_ms != TIME_UNKNOWN ? a->updated_ms : a->published_ms;
	int64_t y = b->updated_ms != TIME_UNKNOWN ? b->updated_ms : b->published_ms;

	if (x != y && x != TIME_UNKNOWN && y != TIME_UNKNOWN)
		return x > y ? -1 : 1;
	return (a > b) - (a < b);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_key(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
	int r = memcmp(&x->key, &y->key, sizeof(x->key));

	if (r == 0)
		r = compare_numbers(x->marks.link, y->marks.link);
	if (r == 0)
		r = compare_numbers(x->marks.title, y->marks.title);
	return r ? r : compare_ages(x, y);
}

static int by_link(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
	int r = compare_numbers(x->marks.link, y->marks.link);

	if (r == 0)
		r = compare_numbers(x->marks.title, y->marks.title);
	if (r == 0)
		r = memcmp(&x->digest, &y->digest, sizeof(x->digest));
	return r ? r : (x > y) - (x < y);
}

static bool same_key(const struct item *a, const struct item *b)
{
	return memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}

static bool same_digest(const struct item *a, const struct item *b)
{
	return memcmp(&a->digest, &b->digest, sizeof(a->digest)) == 0;
}

/* Two states of one item under one key. Without a title or a page that would tell, only what says the same is the same. */
static bool is_version(const struct item *a, const struct item *b)
{
	if (a->marks.link != b->marks.link || a->marks.title != b->marks.title)
		return false;
	return same_digest(a, b) || (a->marks.title && (a->guid || a->marks.link));
}

/* A key that several items have and that are not versions of one is no identity there: what tells them apart joins it. */
static void split_key(struct identify *s, struct item **group, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct item *v = group[i];

		v->guid_is_shared = v->guid != NULL;
		if (v->twin)
			continue;
		if (v->guid && v->marks.link)
			set_key(v, "guid+link", key_of(s, "guid+link", v->guid, v->canonical_url, v->link_is_shared ? v->title : NULL));
		else if (v->marks.link && v->title)
			set_key(v, "link+title", key_of(s, "link+title", v->canonical_url, v->title, NULL));
		else
			set_key(v, "digest", key_of(s, "digest", v->title, v->content ? v->content : v->summary, v->guid));
	}
}

static void resolve_keys(struct identify *s, struct item **sorted, size_t n)
{
	size_t end;

	qsort(sorted, n, sizeof(sorted[0]), by_key);
	for (size_t i = 0; i < n; i = end) {
		bool differ = false;

		for (end = i + 1; end < n && same_key(sorted[i], sorted[end]); end++) {
			sorted[end]->twin = is_version(sorted[end - 1], sorted[end]);
			differ |= !sorted[end]->twin;
		}
		if (differ)
			split_key(s, sorted + i, end - i);
	}
}

/*
 * Copies of one story under several keys (features.md B15: twenty of one), and links that several different items have.
 * Short texts say the same too easily: those are copies only when they are of one time as well.
 */
static bool is_copy(const struct item *a, const struct item *b)
{
	if (!a->marks.link || a->marks.link != b->marks.link || !a->marks.title || !same_digest(a, b))
		return false;
	return a->marks.text || (a->published_ms == b->published_ms && a->published_ms != TIME_UNKNOWN);
}

static void resolve_links(struct item **sorted, size_t n)
{
	size_t end;

	qsort(sorted, n, sizeof(sorted[0]), by_link);
	for (size_t i = 0; i < n; i = end) {
		bool differ = false;

		for (end = i + 1; end < n && sorted[i]->marks.link && sorted[i]->marks.link == sorted[end]->marks.link; end++) {
			if (is_copy(sorted[end - 1], sorted[end]))
				sorted[end]->twin = true;
			else
				differ = true;
		}
		for (size_t k = i; differ && k < end; k++)
			sorted[k]->link_is_shared = true;
	}
}

/* Whether anything stands twice; nearly no document has it. */
static bool may_repeat(const struct feed_document *d)
{
	enum { MOST_PLACES = 2048 };
	uint64_t table[MOST_PLACES];
	size_t places = 64;

	while (places < 4 * d->n_items)
		places *= 2;
	if (places > MOST_PLACES)
		return true;
	memset(table, 0, places * sizeof(table[0]));
	for (size_t i = 0; i < 2 * d->n_items; i++) {
		const struct item *v = &d->items[i / 2];
		uint64_t begin = v->marks.link;
		size_t at;

		if (i % 2)
			memcpy(&begin, v->key.bytes, sizeof(begin));
		else if (!begin)
			continue;
		for (at = begin % places; table[at] && table[at] != begin; at = (at + 1) % places)
			;
		if (table[at] == begin)
			return true;
		table[at] = begin;
	}
	return false;
}

static void resolve(struct identify *s, struct feed_document *d)
{
	struct item **sorted = mem_new_array(struct item *, d->n_items + 1);

	for (size_t i = 0; i < d->n_items; i++)
		sorted[i] = &d->items[i];
	resolve_links(sorted, d->n_items);
	resolve_keys(s, sorted, d->n_items);
	mem_free(sorted);
}

static void begin(struct identify *s, const struct feed_document *d, struct identify_memo *memo)
{
	*s = (struct identify){
		.digest = digest_begin(),
		.fingerprint = fingerprint_new(),
		.memo = memo,
		.site = d->link,
		.said = BUF_INIT(4 * (size_t)LIMIT_ITEM_BYTES),
		.url = BUF_INIT(8 * LIMIT_URL_BYTES),
		.words = BUF_INIT(2 * (size_t)LIMIT_ITEM_BYTES),
		.room = BUF_INIT(2 * (size_t)LIMIT_ITEM_BYTES),
	};
}

static void end(struct identify *s)
{
	(void)digest_end(s->digest);
	fingerprint_free(s->fingerprint);
	buf_done(&s->said);
	buf_done(&s->url);
	buf_done(&s->words);
	buf_done(&s->room);
}

void identify_document(struct feed_document *d, struct identify_memo *memo)
{
	struct identify s;

	begin(&s, d, memo);
	if (memo)
		identify_items(&s, d);
	for (size_t i = 0; !memo && i < d->n_items; i++)
		read_item(&s, &d->items[i]);
	if (may_repeat(d))
		resolve(&s, d);
	end(&s);
}

void identify_keys(struct feed_document *d)
{
	struct identify s;

	begin(&s, d, NULL);
	for (size_t i = 0; i < d->n_items; i++)
		read_keys(&s, &d->items[i]);
	end(&s);
}
