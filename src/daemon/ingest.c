#include "syndicated/ingest.h"

#include "syndicated/base/mem.h"
#include "syndicated/clean.h"
#include "syndicated/identify.h"
#include "syndicated/parse.h"

/* What others' parsers do, so that ours can be measured beside them: nothing is safe afterwards. */
static struct feed_document *clean_all_but_html(struct raw_feed *raw, const char *document_url)
{
	const char **contents = mem_new_array(const char *, raw->n_items + 1);
	struct feed_document *d;

	for (size_t i = 0; i < raw->n_items; i++) {
		struct raw_item *item = &raw->items[i];

		contents[i] = item->content.value ? item->content.value : item->summary.value;
		item->content.value = item->summary.value = NULL;
	}
	d = clean_feed(raw, document_url);
	for (size_t i = 0; i < raw->n_items && i < d->n_items; i++)
		d->items[i].content = mem_dup_str(contents[i]);
	mem_free(contents);
	return d;
}

enum ingest_status ingest_run(const struct ingest_request *request, struct feed_document **ret, struct err *message)
{
	struct raw_feed *raw = NULL;
	enum parse_status status;

	/* The parser has said for people what it is instead: "this is an HTML page, not a feed". */
	status = parse_feed(request->bytes, request->len, request->content_type, &raw, message);
	if (status != PARSE_OK)
		return INGEST_NOT_A_FEED;
	if (request->raw_html)
		*ret = clean_all_but_html(raw, request->url ? request->url : "");
	else
		*ret = clean_feed(raw, request->url ? request->url : "");
	raw_feed_free(raw);
	identify_document(*ret);
	return INGEST_OK;
}
