#include "syndicated/ingest.h"

#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/identify.h"
#include "syndicated/parse.h"
#include "syndicated/story.h"

_Static_assert(LIMIT_FEATURES_BYTES >= STORY_BLOB_BYTES, "features fit what carries them");

void ingest_init(void)
{
	mem_return_big_blocks();
	parse_init();
	clean_init();
	story_init();
}

/* The parser has said for people what it is instead; of a page, also of one that does not begin as one, there is more to say. */
static void say_more(const struct ingest_request *request, enum parse_status status, struct err *message)
{
	bool is_page = status == PARSE_HTML;

	if (!is_page && !(status == PARSE_NOT_FEED && request->content_type && text_has_prefix_nocase(request->content_type, "text/html")))
		return;
	if (!discover_say(request, message) && is_page)
		(void)err_set(message, ERR_INVALID, "this is an HTML page, not a feed, and it names none");
}

struct input {
	const struct ingest_request *request;
	bool released;
};

static void release(void *ctx)
{
	struct input *input = ctx;

	input->released = true;
	if (input->request->release_cb)
		input->request->release_cb(input->request->release_ctx);
}

static enum ingest_status status_of(enum parse_status status)
{
	switch (status) {
	case PARSE_OK:
		return INGEST_OK;
	case PARSE_TOO_BIG:
		return INGEST_TOO_BIG;
	case PARSE_ENCODING:
		return INGEST_ENCODING;
	case PARSE_HTML:
	case PARSE_EMPTY:
	case PARSE_NOT_FEED:
	case PARSE_BROKEN:
	default:
		return INGEST_NOT_A_FEED;
	}
}

/* What is too old to be told again by its words is not worth reading them; what has no date may be new. */
static bool wants_features(const struct item *i, int64_t since_ms)
{
	int64_t said = i->published_ms != TIME_UNKNOWN ? i->published_ms : i->updated_ms;

	return !i->twin && (said == TIME_UNKNOWN || said >= since_ms);
}

static void add_features(struct feed_document *d, int64_t since_ms)
{
	struct buf words = BUF_INIT(LIMIT_ITEM_BYTES), blob = BUF_INIT(LIMIT_FEATURES_BYTES);

	for (size_t k = 0; k < d->n_items; k++) {
		struct item *i = &d->items[k];
		struct story_text text = {.title = i->title, .summary = i->summary, .source_title = d->title};
		struct story_features f;

		if (!wants_features(i, since_ms))
			continue;
		buf_clear(&words);
		buf_clear(&blob);
		if (i->content)
			markup_plain_text((struct safe_html){i->content, strlen(i->content)}, &words);
		text.content = words.len ? buf_str(&words) : NULL;
		story_features_make(&text, &f);
		story_features_encode(&f, &blob);
		i->features = arena_dup(d->arena, blob.bytes, blob.len);
		i->features_len = i->features ? blob.len : 0;
	}
	buf_done(&words);
	buf_done(&blob);
}

static enum ingest_status run_plain(const struct ingest_request *request, struct feed_document **ret, struct err *message)
{
	struct input input = { .request = request };
	const struct parse_input in = {
		.bytes = request->bytes,
		.len = request->len,
		.content_type = request->content_type,
		.release_cb = release,
		.release_ctx = &input,
		.runs_oldest_first_cb = clean_runs_oldest_first,
	};
	struct raw_feed *raw = NULL;
	enum parse_status status;

	status = parse_input(&in, &raw, message);
	if (status != PARSE_OK) {
		if (!input.released)
			say_more(request, status, message);
		return status_of(status);
	}
	*ret = clean_feed(raw, request->url ? request->url : "", request->raw_html ? CLEAN_HTML_RAW : CLEAN_HTML_SAFE);
	raw_feed_free(raw);
	(*ret)->unpacked_bytes = (int64_t)request->len;
	if (request->keys_alone)
		identify_keys(*ret);
	else
		identify_document(*ret, request->memo);
	if (request->story_since_ms)
		add_features(*ret, request->story_since_ms);
	return INGEST_OK;
}

static void free_unpacked(void *ctx)
{
	buf_done(ctx);
}

int ingest_unpack(const struct ingest_request *request, struct buf *unpacked, struct ingest_request *ret, enum ingest_status *ret_status,
                  struct err *message)
{
	size_t max = request->max_bytes && request->max_bytes < LIMIT_FEED_BYTES ? request->max_bytes : LIMIT_FEED_BYTES;
	enum parse_status status;

	*ret = *request;
	*ret_status = INGEST_OK;
	buf_init(unpacked, max);
	if (!parse_is_packed(request->content_encoding))
		return 0;
	status = parse_decode(request->content_encoding, request->bytes, request->len, unpacked, message);
	if (request->release_cb)
		request->release_cb(request->release_ctx);
	ret->bytes = buf_str(unpacked);
	ret->len = unpacked->len;
	ret->release_cb = free_unpacked;
	ret->release_ctx = unpacked;
	*ret_status = status_of(status);
	return status == PARSE_OK ? 0 : ERR_INVALID;
}

enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message)
{
	unsigned refusals = mem_refusals();
	struct ingest_request plain;
	struct buf unpacked;
	enum ingest_status status;

	if (ingest_unpack(request, &unpacked, &plain, &status, message) == 0)
		status = run_plain(&plain, ret, message);
	buf_done(&unpacked);
	if (mem_refusals() == refusals)
		return status;
	/* A parser without memory looks like a document that ends, a converter like a document in another encoding. */
	if (status == INGEST_OK)
		*ret = feed_document_free(*ret);
	(void)err_set(message, ERR_TOO_BIG, "there was not enough memory to read the document; its items were not taken in");
	return INGEST_NO_MEMORY;
}
