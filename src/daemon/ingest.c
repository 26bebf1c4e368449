#include "syndicated/ingest.h"

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"
#include "syndicated/identify.h"
#include "syndicated/parse.h"

void ingest_init(void)
{
	mem_return_big_blocks();
	parse_init();
	clean_init();
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

enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message)
{
	struct input input = { .request = request };
	const struct parse_input in = {
		.bytes = request->bytes,
		.len = request->len,
		.content_type = request->content_type,
		.release_cb = release,
		.release_ctx = &input,
	};
	struct raw_feed *raw = NULL;
	enum parse_status status;

	status = parse_input(&in, &raw, message);
	if (status != PARSE_OK) {
		if (!input.released)
			say_more(request, status, message);
		return INGEST_NOT_A_FEED;
	}
	*ret = clean_feed(raw, request->url ? request->url : "", request->raw_html ? CLEAN_HTML_RAW : CLEAN_HTML_SAFE);
	raw_feed_free(raw);
	identify_document(*ret);
	return INGEST_OK;
}
