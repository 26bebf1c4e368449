#include "syndicated/serve.h"

#include <string.h>
#include <unistd.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/map.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/server.h"

enum { LISTENERS_MAX = 16, HEADERS_MAX = 8 };

/* One form of a document: as it is, or compressed. Both replies are made once. */
struct form {
	char *etag;
	struct prepared_reply *whole;
	struct prepared_reply *not_modified;
};

struct page {
	struct form plain;
	struct form gzip; /* etag NULL: there is none */
	int64_t last_modified_ms;
	/* Of figures alone, which have no forms. */
	const char *content_type;
	void (*render)(struct buf *out, void *ctx);
	void *ctx;
};

struct serve {
	struct loop *loop;
	struct server *listeners[LISTENERS_MAX];
	size_t n_listeners;
	struct map *pages;
	int64_t requests;
};

/* ---- pages ---- */

static void clear_form(struct form *f)
{
	mem_free(f->etag);
	prepared_reply_free(f->whole);
	prepared_reply_free(f->not_modified);
}

static void free_page(void *value)
{
	struct page *p = value;

	clear_form(&p->plain);
	clear_form(&p->gzip);
	mem_free(p);
}

/* A page changes with every story and is cheap to check again; a feed may be kept for a minute. */
static const char *cache_control(const char *content_type)
{
	bool is_feed = text_has_prefix_nocase(content_type, "application/");

	return is_feed ? "max-age=60" : "no-cache";
}

/* RFC 9110 section 15.4.5: a 304 carries what the 200 would have said of caching, and no description of the body. */
static void make_form(struct form *f, const struct serve_document *d, bool gzip)
{
	char modified[TEXT_RFC3339_BYTES];
	struct server_header headers[HEADERS_MAX];
	size_t n = 0, len = gzip ? d->gzip_len : d->len;

	text_http_date(d->last_modified_ms, modified);
	f->etag = mem_dup_str(gzip ? d->gzip_etag : d->etag);
	headers[n++] = (struct server_header){"ETag", f->etag};
	headers[n++] = (struct server_header){"Last-Modified", modified};
	headers[n++] = (struct server_header){"Cache-Control", cache_control(d->content_type)};
	headers[n++] = (struct server_header){"Vary", "Accept-Encoding"};
	if (d->link)
		headers[n++] = (struct server_header){"Link", d->link};
	f->not_modified = prepared_reply_new(304, NULL, len, headers, n);
	headers[n++] = (struct server_header){"Content-Type", d->content_type};
	if (gzip)
		headers[n++] = (struct server_header){"Content-Encoding", "gzip"};
	f->whole = prepared_reply_new(200, gzip ? d->gzip_bytes : d->bytes, len, headers, n);
}

void serve_set(struct serve *s, const char *path, const struct serve_document *document)
{
	struct page *old = map_get(s->pages, path);
	struct page *p;

	if (old && old->plain.etag && strcmp(old->plain.etag, document->etag) == 0)
		return;
	p = mem_new(struct page);
	p->last_modified_ms = document->last_modified_ms / 1000 * 1000;
	make_form(&p->plain, document, false);
	if (document->gzip_bytes && document->gzip_len < document->len)
		make_form(&p->gzip, document, true);
	if (map_put(s->pages, path, p))
		free_page(old);
}

void serve_set_figures(struct serve *s, const char *path, const char *content_type, void (*render)(struct buf *out, void *ctx), void *ctx)
{
	struct page *p = mem_new(struct page), *old;

	p->content_type = content_type;
	p->render = render;
	p->ctx = ctx;
	old = map_put(s->pages, path, p);
	if (old)
		free_page(old);
}

void serve_remove(struct serve *s, const char *path)
{
	struct page *p = map_remove(s->pages, path);

	if (p)
		free_page(p);
}

int64_t serve_requests(const struct serve *s)
{
	return s->requests;
}

/* ---- negotiation ---- */

static const char *skip_space(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* "gzip;q=0" and "gzip; q=0.000" refuse what they name. */
static bool has_zero_quality(const char *p, const char *end)
{
	const char *q = memchr(p, ';', (size_t)(end - p));

	if (!q)
		return false;
	q = skip_space(q + 1);
	if (text_lower(*q) != 'q' || *skip_space(q + 1) != '=')
		return false;
	q = skip_space(skip_space(q + 1) + 1);
	while (q < end && (*q == '0' || *q == '.'))
		q++;
	return q == end || *q == ' ' || *q == '\t';
}

static bool accepts_gzip(const char *header)
{
	bool star = false;

	while (header && *header) {
		const char *end = header + strcspn(header, ",");
		const char *name = skip_space(header);
		size_t len = strcspn(name, ";, \t");

		if (len == 4 && text_has_prefix_nocase(name, "gzip"))
			return !has_zero_quality(name, end);
		if (len == 1 && *name == '*')
			star = !has_zero_quality(name, end);
		header = *end ? end + 1 : end;
	}
	return star;
}

/* RFC 9110 section 13.1.2: a list of entity tags, compared weakly, or "*". */
static bool names_etag(const char *header, const char *etag)
{
	size_t len = etag ? strlen(etag) : 0;

	while (*(header = skip_space(header))) {
		const char *close;

		if (*header == '*')
			return true;
		if (header[0] == 'W' && header[1] == '/')
			header += 2;
		close = *header == '"' ? strchr(header + 1, '"') : NULL;
		if (!close) {
			header += strcspn(header, ",");
		} else {
			if (len && (size_t)(close + 1 - header) == len && memcmp(header, etag, len) == 0)
				return true;
			header = close + 1;
		}
		header = skip_space(header);
		if (*header == ',')
			header++;
	}
	return false;
}

static bool is_unmodified(const struct exchange *x, const struct page *p)
{
	const char *match = exchange_header(x, "If-None-Match");
	const char *since = exchange_header(x, "If-Modified-Since");
	int64_t since_ms;

	if (match)
		return names_etag(match, p->plain.etag) || names_etag(match, p->gzip.etag);
	return since && text_parse_http_date(since, &since_ms) && p->last_modified_ms <= since_ms;
}

static void reply_figures(struct exchange *x, const struct page *p)
{
	struct buf out = BUF_INIT(LIMIT_FIGURES_BYTES);

	p->render(&out, p->ctx);
	if (buf_error(&out) < 0)
		exchange_reply_error(x, 500);
	else
		exchange_reply(x, 200, p->content_type, buf_str(&out), out.len);
	buf_done(&out);
}

static void handle(struct exchange *x, void *ctx)
{
	struct serve *s = ctx;
	const struct page *p = map_get(s->pages, exchange_path(x));
	const struct form *f;

	s->requests++;
	if (!p) {
		exchange_reply_error(x, 404);
		return;
	}
	if (p->render) {
		reply_figures(x, p);
		return;
	}
	f = p->gzip.etag && accepts_gzip(exchange_header(x, "Accept-Encoding")) ? &p->gzip : &p->plain;
	exchange_reply_prepared(x, is_unmodified(x, p) ? f->not_modified : f->whole);
}

/* ---- listening ---- */

int serve_listen_fd(struct serve *s, int fd, struct err *err)
{
	const struct server_options options = {
		.listen_fd = fd,
		.max_connections = LIMIT_SERVER_CONNECTIONS,
		.max_per_address = LIMIT_SERVER_CONNECTIONS_PER_ADDRESS,
		.idle_timeout_s = LIMIT_SERVER_IDLE_S,
	};

	if (s->n_listeners == LISTENERS_MAX) {
		(void)close(fd);
		return err_set(err, ERR_TOO_BIG, "cannot listen on more than %d addresses", LISTENERS_MAX);
	}
	s->listeners[s->n_listeners] = server_new(s->loop, &options, handle, s, err);
	if (!s->listeners[s->n_listeners])
		return ERR_IO;
	s->n_listeners++;
	return 0;
}

int serve_listen(struct serve *s, const char *where, struct err *err)
{
	int fd = server_listen(where, err);

	return fd < 0 ? fd : serve_listen_fd(s, fd, err);
}

struct serve *serve_new(struct loop *loop)
{
	struct serve *s = mem_new(struct serve);

	s->loop = loop;
	s->pages = map_new();
	return s;
}

struct serve *serve_free(struct serve *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n_listeners; i++)
		server_free(s->listeners[i]);
	map_free(s->pages, free_page);
	mem_free(s);
	return NULL;
}
