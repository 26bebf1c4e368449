/* The fields of a request, as libcurl takes them, and those of a reply, as it keeps them. */
#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "client_internal.h"

/* A field with an empty value is written "Name;" for libcurl, which takes "Name:" as "leave it out". */
static char *write_header(char *at, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	memcpy(at, name, name_len);
	at += name_len;
	memcpy(at, value_len ? ": " : ";", 2);
	at += 2;
	memcpy(at, value, value_len + 1);
	return at + value_len + 1;
}

/* In one piece. Through a proxy the user agent is an option, which is also told to the proxy. */
struct curl_slist *transfer_headers(const struct http_request *r)
{
	const struct http_header agent = {"User-Agent", r->user_agent};
	size_t n = 0, bytes = 0, with_agent = r->user_agent && !r->proxy;
	const struct http_header *all[LIMIT_REQUEST_HEADERS + 1];
	struct curl_slist *list;
	char *at;

	for (size_t i = 0; i < r->n_headers + with_agent && n < sizeof all / sizeof all[0]; i++) {
		const struct http_header *h = i < with_agent ? &agent : &r->headers[i - with_agent];
		size_t line = strlen(h->name) + strlen(h->value) + sizeof ": ";

		if (line > LIMIT_HEADER_BYTES)
			continue;
		all[n++] = h;
		bytes += line;
	}
	if (n == 0)
		return NULL;
	list = mem_resize_array(NULL, n * sizeof *list + bytes, 1);
	at = (char *)(list + n);
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct curl_slist){.data = at, .next = i + 1 < n ? &list[i + 1] : NULL};
		at = write_header(at, all[i]->name, all[i]->value);
	}
	return list;
}

bool headers_are_safe(const struct http_request *r)
{
	if (r->user_agent && strpbrk(r->user_agent, "\r\n"))
		return false;
	for (size_t i = 0; i < r->n_headers; i++) {
		if (strpbrk(r->headers[i].name, "\r\n") || strpbrk(r->headers[i].value, "\r\n"))
			return false;
	}
	return true;
}

const char *http_reply_header(const struct http_reply *r, const char *name)
{
	struct curl_header *h = NULL;

	if (!r->headers || curl_easy_header(r->headers, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	if (h->amount > 1 && curl_easy_header(r->headers, name, h->amount - 1, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	return h->value;
}

char *http_reply_header_lines(const struct http_reply *r, const char *name)
{
	struct buf all = BUF_INIT(LIMIT_HEADER_BYTES);
	struct curl_header *h = NULL;
	char *ret = NULL;

	for (size_t i = 0; r->headers && curl_easy_header(r->headers, name, i, CURLH_HEADER, -1, &h) == CURLHE_OK; i++) {
		buf_append_str(&all, i ? ", " : "");
		buf_append_str(&all, h->value);
	}
	if (all.len > 0)
		ret = mem_dup_str(buf_str(&all));
	buf_done(&all);
	return ret;
}
