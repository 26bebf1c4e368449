/*
 * New items through store_record_poll(), a hundred polls of one item each in a commit, beside bare SQLite that inserts the very
 * same rows into the same tables and indexes in the same batches with the same pragmas in the same run (performance.md goal 5);
 * and thirty known items of one poll beside bare look-ups of their keys. CPU of this process.
 *
 * Choosing an item's story is no work of SQLite. So the items are stored twice: as a worker sends them, and without the features
 * that a story is chosen by, then beside bare SQLite with the rows of that. (To choose the stories once more, alone, and to subtract
 * that took off too little: alone, its index stays in the CPU's caches.)
 *
 * All of it is done REPEATS times, by turns; each row shows the turn with the median ratio.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bare_store.h"
#include "bench.h"
#include "syndicated/base/mem.h"
#include "syndicated/identify.h"
#include "syndicated/store.h"
#include "syndicated/story.h"

enum { REPEATS = 5, KEEP_DAYS = 90 /* the default of keep.age */ };

/* Words in no order, as in no language, but with frequencies as in one: a few are everywhere, most are rare. */
static char *make_text(struct arena *a, unsigned seed, size_t len)
{
	static const char syllables[16][4] = {"ba", "ke", "li", "mo", "nu", "pra", "ste", "chi", "do", "fu", "ga", "re", "ti", "vo", "zu", "el"};
	struct buf b = BUF_INIT(1 << 20);
	uint32_t x = seed * 2654435761u + 1;
	char *text;

	while (b.len < len) {
		unsigned word;

		x = x * 1664525u + 1013904223u;
		word = (x >> 8) % 4096 >> (x >> 28);
		buf_append_printf(&b, "%s%s%s ", syllables[word & 15], syllables[word >> 4 & 15], word > 255 ? syllables[word >> 8] : "");
	}
	text = arena_printf(a, "%.*s", (int)len, buf_str(&b));
	buf_done(&b);
	return text;
}

/* Of contents in feeds: half of them below a thousand bytes, some of many thousands; 1,700 on average. */
static size_t length_of(unsigned i)
{
	unsigned x = i * 2246822519u >> 16;

	return x % 2 ? 200 + x / 2 % 800 : x % 16 ? 1000 + x / 16 % 2600 : 4000 + x / 16 % 6000;
}

/* As an ingest worker makes them. */
static void add_features(struct arena *a, struct item *item)
{
	const struct story_text text = {.title = item->title, .summary = item->summary, .content = item->content, .source_title = "Bench"};
	struct story_features f;
	struct buf blob = BUF_INIT(STORY_BLOB_BYTES);

	story_features_make(&text, &f);
	story_features_encode(&f, &blob);
	item->features = arena_dup(a, blob.bytes, blob.len);
	item->features_len = blob.len;
	buf_done(&blob);
}

static struct feed_document *document(unsigned first, unsigned n)
{
	struct feed_document *d = feed_document_new();

	d->complete = true;
	d->title = arena_dup_str(d->arena, "Bench");
	for (unsigned i = first; i < first + n; i++) {
		struct item *item = feed_document_add_item(d);

		item->guid = arena_printf(d->arena, "guid-%u", i);
		item->link = arena_printf(d->arena, "https://example.org/story/%u", i);
		item->canonical_url = arena_printf(d->arena, "https://example.org/story/%u", i);
		item->title = make_text(d->arena, i ^ 0xaaaaa, 60);
		item->summary = make_text(d->arena, i, 100);
		item->content = make_text(d->arena, i ^ 0x55555, length_of(i));
		item->published_ms = NOW_MS;
		add_features(d->arena, item);
	}
	identify_document(d, NULL);
	return d;
}

static void decide(const struct poll_record *r, const struct poll_effect *e, struct poll_due *ret, void *ctx)
{
	(void)e;
	(void)ctx;
	*ret = (struct poll_due){.due_ms = r->ended_ms + 900000, .interval_ms = 900000, .reason = "poll.min"};
}

static void record_at(struct store *s, int64_t source, const struct feed_document *d, int64_t now_ms)
{
	const struct poll_record r = {.source_id = source, .outcome = POLL_OK, .status = 200, .started_ms = now_ms, .ended_ms = now_ms + 10,
	                              .keep_validators = true, .document = d, .decide = decide};
	struct poll_effect effect;
	struct err err = {0};

	if (store_record_poll(s, &r, &effect, &err) < 0)
		bare_fail("record", err.message);
}

static void record(struct store *s, int64_t source, const struct feed_document *d)
{
	record_at(s, source, d, NOW_MS);
}

/* As the daemon's store thread brackets polls that wait together. */
static void begin(struct store *s)
{
	struct err err = {0};

	if (store_begin(s, &err) < 0)
		bare_fail("begin", err.message);
}

static void commit(struct store *s)
{
	struct err err = {0};

	if (store_commit(s, &err) < 0)
		bare_fail("commit", err.message);
}

static void host_of(const char *url, char out[STORE_HOST_BYTES], void *ctx)
{
	(void)url;
	(void)ctx;
	memcpy(out, "example.org", sizeof("example.org"));
}

static struct store *open_store(const char *dir)
{
	struct source_spec specs[SOURCES] = {0};
	struct err err = {0};
	struct store_sync sync;
	const struct store_sync_rules rules = {.now_ms = NOW_MS, .due_ms = NOW_MS, .host_of = host_of};
	struct store *s = store_open(dir, &err);

	if (!s)
		bare_fail("open", err.message);
	for (int i = 0; i < SOURCES; i++)
		specs[i] = (struct source_spec){.url = mem_printf("https://example.org/%d", i), .name = mem_printf("s%d", i), .poll_min_ms = 900000,
		                                .poll_max_ms = 86400000};
	begin(s);
	if (store_sync_sources(s, specs, SOURCES, &rules, &sync, &err) < 0)
		bare_fail("sync", err.message);
	commit(s);
	for (int i = 0; i < SOURCES; i++) {
		mem_free(specs[i].url);
		mem_free(specs[i].name);
	}
	return s;
}

static double ours_insert(struct store *s, struct feed_document **documents)
{
	double began = bench_cpu_us();

	for (unsigned round = 0; round < ROUNDS; round++) {
		begin(s);
		for (unsigned i = 0; i < BATCH; i++)
			record(s, 1 + (round * BATCH + i) % SOURCES, documents[round * BATCH + i]);
		commit(s);
	}
	return (bench_cpu_us() - began) / (ROUNDS * BATCH);
}

/* Polls that bring one of two documents by turns, of which both were there before. */
static double ours_known(struct store *s, const struct feed_document *d, const struct feed_document *other)
{
	double began;

	begin(s);
	record(s, 1, d);
	record(s, 1, other);
	commit(s);
	began = bench_cpu_us();
	for (unsigned round = 0; round < ROUNDS; round++) {
		begin(s);
		for (unsigned i = 0; i < BATCH; i++)
			record(s, 1, i % 2 ? other : d);
		commit(s);
	}
	return (bench_cpu_us() - began) / (ROUNDS * BATCH);
}

/* ---- one turn ---- */

static void remove_files(const char *dir)
{
	static const char *const names[] = {"syndicated.db", "syndicated.db-wal", "syndicated.db-shm", "bare.db", "bare.db-wal", "bare.db-shm",
	                                    "bare-words.db", "bare-words.db-wal", "bare-words.db-shm"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_free char *path = mem_printf("%s/%s", dir, names[i]);

		(void)unlink(path);
	}
}

enum measure { ITEM, STORIES, STORED, WORDS, ROWS, POLL, KNOWN_SAME, KNOWN_OTHER, MEASURES };

struct turn {
	double value[MEASURES], reference[MEASURES]; /* us CPU a poll; 0: there is none */
};

struct documents {
	struct feed_document *each[ROUNDS * BATCH], *known, *other, *empty;
	size_t features[ROUNDS * BATCH]; /* how long they are */
};

static void show_features(struct documents *d, bool shown)
{
	for (size_t i = 0; i < ROUNDS * BATCH; i++)
		d->each[i]->items[0].features_len = shown ? d->features[i] : 0;
}

static void take_known(const struct documents *d, struct store *s, sqlite3 *ours, struct turn *ret)
{
	ret->value[POLL] = ours_known(s, d->empty, d->empty);
	ret->value[KNOWN_SAME] = ours_known(s, d->known, d->known) - ret->value[POLL];
	ret->value[KNOWN_OTHER] = ours_known(s, d->known, d->other) - ret->value[POLL];
	ret->reference[KNOWN_SAME] = ret->reference[KNOWN_OTHER] = bare_lookup_us(ours, d->known);
}

static void take_items(const char *dir, struct documents *d, bool with_stories, struct turn *ret)
{
	enum measure m = with_stories ? ITEM : STORED;
	struct store *s = open_store(dir);
	sqlite3 *ours;

	show_features(d, with_stories);
	ret->value[m] = ours_insert(s, d->each);
	ours = bare_open(dir, "syndicated.db");
	ret->reference[m] = bare_insert_us(dir, "bare-words.db", ours, d->each);
	if (with_stories)
		take_known(d, s, ours, ret);
	else
		ret->reference[ROWS] = bare_insert_us(dir, "bare.db", ours, NULL);
	(void)sqlite3_close(ours);
	store_close(s);
	remove_files(dir);
}

/* What is for the words, and for the window's row of the stories, is told by what bare SQLite takes for them. */
static void take_turn(const char *dir, struct documents *d, struct turn *ret)
{
	take_items(dir, d, true, ret);
	take_items(dir, d, false, ret);
	ret->value[WORDS] = ret->reference[STORED] - ret->reference[ROWS];
	ret->value[ROWS] = ret->value[STORED] - ret->value[WORDS];
	ret->value[STORIES] = ret->value[ITEM] - ret->value[STORED] - (ret->reference[ITEM] - ret->reference[STORED]);
}

static double ratio_of(const struct turn *t, enum measure m)
{
	return t->reference[m] > 0 ? t->value[m] / t->reference[m] : t->value[m];
}

static const struct turn *median_turn(const struct turn turns[REPEATS], enum measure m)
{
	for (int i = 0; i < REPEATS; i++) {
		int before = 0;

		for (int k = 0; k < REPEATS; k++)
			before += ratio_of(&turns[k], m) < ratio_of(&turns[i], m) || (k < i && ratio_of(&turns[k], m) <= ratio_of(&turns[i], m));
		if (before == REPEATS / 2)
			return &turns[i];
	}
	return &turns[0];
}

static void print_turns(const struct turn turns[REPEATS])
{
	static const struct {
		const char *name, *unit;
	} all[MEASURES] = {
		[ITEM] = {"store_new_item", "us CPU a poll with one new item (reference: the same rows by bare SQLite)"},
		[STORIES] = {"store_new_item_stories", "us CPU of that for choosing its story, in memory"},
		[STORED] = {"store_new_item_stored", "us CPU a poll with one new item without that choice (reference: the same rows)"},
		[WORDS] = {"store_new_item_words", "us CPU of that for the index of words, by bare FTS5"},
		[ROWS] = {"store_new_item_rows", "us CPU without both (reference: the same rows)"},
		[POLL] = {"store_poll", "us CPU a poll of a document without items"},
		[KNOWN_SAME] = {"store_known_30_same", "us CPU more with the 30 known items of the last poll (reference: 30 bare look-ups)"},
		[KNOWN_OTHER] = {"store_known_30", "us CPU more with 30 known items, not those of the last poll (reference: the same)"},
	};

	for (int m = 0; m < MEASURES; m++) {
		const struct turn *t = median_turn(turns, (enum measure)m);

		bench_print(all[m].name, t->value[m], all[m].unit, t->reference[m]);
	}
	bench_print("store_items_per_second", 1e6 / median_turn(turns, ITEM)->value[ITEM], "items/s/core", 0);
}

static size_t text_bytes(const struct item *i)
{
	return strlen(i->guid) + strlen(i->link) + strlen(i->title) + strlen(i->summary) + strlen(i->content);
}

static double disk_bytes(sqlite3 *db, const char *which)
{
	auto_free char *text = mem_printf("SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE %s)", which);
	sqlite3_stmt *stmt = bare_prepare(db, text);
	double n;

	(void)sqlite3_step(stmt);
	n = sqlite3_column_double(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

/* Rows that left the window of stories go as the daemon has them go; no item is old enough. */
static void purge(struct store *s, int64_t now_ms)
{
	const struct store_purge_rules rules = {.now_ms = now_ms, .keep_age_ms = INT64_MAX / 2, .keep_items = INT64_MAX / 2, .max_ms = 1000};
	struct store_purged purged;
	struct err err = {0};

	if (store_begin(s, &err) < 0 || store_purge(s, &rules, &purged, &err) < 0 || store_commit(s, &err) < 0)
		bare_fail("purge", err.message);
}

/* All items of a store that keeps them for KEEP_DAYS, one after the other; the bytes of their texts. */
static double fill(struct store *s, unsigned n)
{
	double content = 0;

	for (unsigned i = 0; i < n; i += BATCH) {
		int64_t now_ms = NOW_MS + (int64_t)(KEEP_DAYS * 86400000.0 * i / n);

		begin(s);
		for (unsigned j = i; j < i + BATCH; j++) {
			struct feed_document *d = document(j, 1);

			content += (double)text_bytes(&d->items[0]);
			record_at(s, 1 + j % SOURCES, d, now_ms);
			feed_document_free(d);
		}
		commit(s);
		purge(s, now_ms);
	}
	store_rest(s);
	return content;
}

static double file_bytes(const char *dir)
{
	auto_free char *path = mem_printf("%s/syndicated.db", dir);
	struct stat st;

	if (stat(path, &st) < 0)
		bare_fail(path, "cannot stat");
	return (double)st.st_size;
}

/*
 * What the file takes above the texts of its items, all in all; and of that, what is above the texts as they are stored in the
 * items' own tables and indexes, what is the index of words, and the window of stories, which has the items of the last days only.
 */
static void measure_disk(const char *dir, struct store *s, sqlite3 *ours, unsigned n)
{
	double content = fill(s, n);

	bench_print("store_disk_content", content / n, "bytes of text an item", 0);
	bench_print("store_disk", (file_bytes(dir) - content) / n, "bytes an item above its texts, the whole file", 500);
	bench_print("store_disk_item", (disk_bytes(ours, "tbl_name IN ('item', 'item_key', 'item_mark', 'story', 'story_url', 'event')")) / n,
	            "bytes an item of that, all tables and indexes of items but their long texts", 0);
	bench_print("store_disk_text", disk_bytes(ours, "tbl_name = 'item_text'") / n, "bytes an item of the file for its long texts", 0);
	bench_print("store_disk_mark", disk_bytes(ours, "tbl_name = 'item_mark'") / n, "bytes an item for the marks", 0);
	bench_print("store_disk_search", disk_bytes(ours, "tbl_name LIKE 'search%'") / n, "bytes an item in the index for searching", content / n);
	bench_print("store_disk_window", disk_bytes(ours, "tbl_name = 'story_window'") / n, "bytes an item in the window of stories", 0);
}

static int measure_disk_alone(const char *dir, unsigned n)
{
	struct store *s = open_store(dir);
	sqlite3 *ours = bare_open(dir, "syndicated.db");

	measure_disk(dir, s, ours, n);
	(void)sqlite3_close(ours);
	store_close(s);
	remove_files(dir);
	return EXIT_SUCCESS;
}

static struct documents *make_documents(void)
{
	struct documents *d = mem_new(struct documents);

	for (unsigned i = 0; i < ROUNDS * BATCH; i++) {
		d->each[i] = document(i, 1);
		d->features[i] = d->each[i]->items[0].features_len;
	}
	d->known = document(1u << 20, KNOWN);
	d->other = document((1u << 20) + 1, KNOWN);
	d->empty = document(0, 0);
	return d;
}

static void free_documents(struct documents *d)
{
	for (unsigned i = 0; i < ROUNDS * BATCH; i++)
		feed_document_free(d->each[i]);
	feed_document_free(d->known);
	feed_document_free(d->other);
	feed_document_free(d->empty);
	mem_free(d);
}

static int compare(const char *dir)
{
	struct documents *d = make_documents();
	struct turn turns[REPEATS] = {0};

	for (int i = 0; i < REPEATS; i++)
		take_turn(dir, d, &turns[i]);
	print_turns(turns);
	free_documents(d);
	return EXIT_SUCCESS;
}

/* bench_store [--disk ITEMS] */
int main(int argc, char **argv)
{
	const char *parent = getenv("TMPDIR");
	auto_free char *dir = mem_printf("%s/bench-store-XXXXXX", parent ? parent : "/tmp");
	int rc;

	if (!mkdtemp(dir))
		bare_fail(dir, "cannot make it");
	rc = argc == 3 && strcmp(argv[1], "--disk") == 0 ? measure_disk_alone(dir, (unsigned)strtoul(argv[2], NULL, 10) / BATCH * BATCH) : compare(dir);
	(void)rmdir(dir);
	return rc;
}
