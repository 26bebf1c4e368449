#include "publisher.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/log.h"
#include "syndicated/base/mem.h"
#include "syndicated/publish.h"
#include "syndicated/store.h"

enum {
	PUBLISH_GAP_MS = 500, /* a burst of polls is rendered once */
	FIRST_DELAY_MS = 50,
	RETRY_MS = 5000,
};

struct page { /* one rendered document and where it goes */
	char *path;
	struct snapshot *snapshot;
};

struct rendering {
	struct publisher *publisher;
	struct plan *plan;
	struct page *pages;
	size_t n;
	bool left_out; /* a feed, whose documents stay as they are */
};

struct publisher {
	struct loop *loop;
	struct job_thread *reader;
	struct serve *serve;
	struct plan *plan;
	struct loop_timer *timer;
	bool rendering;
	bool again;
	bool stopped;
	struct string_list paths; /* in place now */
};

static void free_rendering(struct rendering *r)
{
	for (size_t i = 0; i < r->n; i++) {
		mem_free(r->pages[i].path);
		snapshot_unref(r->pages[i].snapshot);
	}
	mem_free(r->pages);
	plan_unref(r->plan);
	mem_free(r);
}

/* ---- on the reader thread ---- */

static size_t count_formats(void)
{
	size_t n = 0;

	while (publish_formats[n].name)
		n++;
	return n;
}

static void add_page(struct rendering *r, char *path, struct snapshot *snapshot)
{
	r->pages[r->n++] = (struct page){path, snapshot};
}

/* "all" is also the front: "/" and "/feed.atom". */
static void render_format(struct rendering *r, const struct publish_context *c, const struct publish_format *f)
{
	struct buf out = BUF_INIT(LIMIT_SNAPSHOT_BYTES);
	struct snapshot *s;

	f->write(c, &out);
	s = snapshot_new(f->content_type, &out, publish_updated_ms(c->stories));
	if (!s) {
		log_warning("feed '%s': its %s document is over %u MiB and was not replaced; lower its limit", c->feed->name, f->name,
		            LIMIT_SNAPSHOT_BYTES >> 20);
		return;
	}
	if (strcmp(c->feed->name, "all") == 0) {
		const char *front = strcmp(f->extension, "/") == 0 ? "" : "feed";
		const char *rest = strcmp(f->extension, "/") == 0 ? "/" : f->extension;

		add_page(r, mem_printf("%s%s%s", *front ? "/" : "", front, rest), snapshot_ref(s));
	}
	add_page(r, mem_printf("/feeds/%s%s", c->feed->name, f->extension), s);
}

static int render(struct rendering *r, struct store_reader *reader, struct err *err)
{
	const struct config *config = r->plan->config;

	r->pages = mem_new_array(struct page, config->n_feeds * count_formats() + count_formats());
	for (size_t i = 0; i < config->n_feeds; i++) {
		struct story_list *stories = NULL;
		struct publish_context c = {
			.base_url = config->base_url,
			.site_title = config->title,
			.feed = &config->feeds[i],
			.feeds = config->feeds,
			.n_feeds = config->n_feeds,
		};
		int rc = store_read_stories(reader, r->plan->selections[i], (size_t)config->feeds[i].limit, &stories, err);

		/* A search that takes too long, or that this index does not understand, is the trouble of its own feed. */
		if (rc == ERR_TIMEOUT || rc == ERR_INVALID || rc == ERR_TOO_BIG) {
			log_warning("feed '%s' was not made anew: %s; it stays as it was, and the others go on", config->feeds[i].name, err->message);
			r->left_out = true;
			continue;
		}
		if (rc < 0)
			return rc;
		c.stories = stories;
		for (const struct publish_format *f = publish_formats; f->name; f++)
			render_format(r, &c, f);
		story_list_free(stories);
	}
	return 0;
}

static int render_run(void *reader, void *arg, struct err *err)
{
	return render(arg, reader, err);
}

/* ---- on the loop ---- */

static void remove_old_paths(struct publisher *p, const struct string_list *now)
{
	for (size_t i = 0; i < p->paths.n; i++)
		if (!string_list_has(now, p->paths.items[i]))
			serve_remove(p->serve, p->paths.items[i]);
	string_list_done(&p->paths);
	p->paths = *now;
}

static void put_in_place(struct publisher *p, const struct rendering *r)
{
	struct string_list paths = {0};

	for (size_t i = 0; i < r->n; i++) {
		const struct snapshot *s = r->pages[i].snapshot;
		const struct serve_document document = {
			.content_type = s->content_type,
			.bytes = s->bytes,
			.len = s->len,
			.gzip_bytes = s->gzip_bytes,
			.gzip_len = s->gzip_len,
			.etag = s->etag,
			.gzip_etag = s->gzip_etag,
			.last_modified_ms = s->last_modified_ms,
		};

		serve_set(p->serve, r->pages[i].path, &document);
		string_list_add(&paths, r->pages[i].path);
	}
	for (size_t i = 0; r->left_out && i < p->paths.n; i++)
		if (!string_list_has(&paths, p->paths.items[i]))
			string_list_add(&paths, p->paths.items[i]);
	remove_old_paths(p, &paths);
}

static struct rendering *new_rendering(struct publisher *p)
{
	struct rendering *r = mem_new(struct rendering);

	r->publisher = p;
	r->plan = plan_ref(p->plan);
	return r;
}

static void render_done(int result, const struct err *err, void *arg)
{
	struct rendering *r = arg;
	struct publisher *p = r->publisher;

	p->rendering = false;
	if (result < 0)
		log_error("the feeds could not be rendered: %s; the old ones stay, next try in %d s", err->message, RETRY_MS / 1000);
	else if (r->plan == p->plan)
		put_in_place(p, r);
	free_rendering(r);
	if ((p->again || result < 0) && !p->stopped) {
		p->again = false;
		loop_timer_set(p->timer, result < 0 ? RETRY_MS : PUBLISH_GAP_MS);
	}
}

static void timer_fired(void *ctx)
{
	struct publisher *p = ctx;

	p->rendering = true;
	job_thread_submit(p->reader, &(struct job){.run = render_run, .done = render_done, .arg = new_rendering(p)});
}

void publisher_log_grew(struct publisher *p)
{
	if (p->stopped)
		return;
	if (p->rendering)
		p->again = true;
	else if (!loop_timer_is_set(p->timer))
		loop_timer_set(p->timer, FIRST_DELAY_MS);
}

void publisher_set_plan(struct publisher *p, struct plan *plan)
{
	plan_ref(plan);
	plan_unref(p->plan);
	p->plan = plan;
	publisher_log_grew(p);
}

int publisher_first(struct publisher *p, struct store_reader *reader, struct err *err)
{
	struct rendering *r = new_rendering(p);
	int rc = render(r, reader, err);

	if (rc == 0)
		put_in_place(p, r);
	free_rendering(r);
	return rc;
}

struct publisher *publisher_new(struct loop *loop, struct serve *serve, struct plan *plan)
{
	struct publisher *p = mem_new(struct publisher);

	p->loop = loop;
	p->serve = serve;
	p->plan = plan_ref(plan);
	p->timer = loop_timer_new(loop, timer_fired, p);
	return p;
}

void publisher_start(struct publisher *p, struct job_thread *reader)
{
	p->reader = reader;
}

void publisher_stop(struct publisher *p)
{
	p->stopped = true;
	loop_timer_set(p->timer, -1);
}

struct publisher *publisher_free(struct publisher *p)
{
	if (!p)
		return NULL;
	loop_timer_free(p->timer);
	string_list_done(&p->paths);
	plan_unref(p->plan);
	mem_free(p);
	return NULL;
}
