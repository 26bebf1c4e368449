/* Content-Encoding undone, last coding first, each from one buffer into the next, within the limits of polling.md R109 to R112. */
#include <stdio.h>
#include <string.h>

#include "coding.h"
#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"
#include "syndicated/parse.h"

enum { STEP_BYTES = 64 << 10, NAME_BYTES = 16 };

static const struct coding identity = {.name = "identity"};

static const struct coding *find_coding(const char *name, size_t len)
{
	char word[NAME_BYTES];

	(void)snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1), name);
	if (len == 0 || text_equal_nocase(word, identity.name))
		return &identity;
	for (const struct coding *c = codings; c->name && len < sizeof(word); c++) {
		if (text_equal_nocase(word, c->name) || (c->alias && text_equal_nocase(word, c->alias)))
			return c;
	}
	return NULL;
}

/* "gzip, br": what was applied, in that order. The number of them but identity, or negative and a message. */
static int read_codings(const char *header, const struct coding *ret[LIMIT_CONTENT_CODINGS], struct err *message)
{
	int n = 0;

	while (*header) {
		size_t len = strcspn(header, ","), lead = strspn(header, " \t");
		const char *name = header + (lead < len ? lead : len);
		size_t name_len = len - (size_t)(name - header);
		const struct coding *c;

		while (name_len > 0 && text_is_space(name[name_len - 1]))
			name_len--;
		c = find_coding(name, name_len);
		if (!c)
			return err_set(message, ERR_INVALID, "the server packed the answer in a way that we cannot read: %.*s",
			               (int)(name_len < 40 ? name_len : 40), name);
		if (c != &identity && n == LIMIT_CONTENT_CODINGS)
			return err_set(message, ERR_INVALID, "the server packed the answer more than %d times", LIMIT_CONTENT_CODINGS);
		if (c != &identity)
			ret[n++] = c;
		header += len + (header[len] == ',');
	}
	return n;
}

static enum parse_status too_big(struct err *message, bool bomb, size_t max)
{
	if (bomb)
		(void)err_set(message, ERR_TOO_BIG, "the answer unpacks to far more than was sent (a compression bomb)");
	else
		(void)err_set(message, ERR_TOO_BIG, "the answer is larger than the %zu KiB allowed when it is unpacked", max >> 10);
	return PARSE_TOO_BIG;
}

static enum parse_status run(const struct coding *c, void *state, struct coding_io *io, size_t wire, struct buf *out, struct err *message)
{
	for (;;) {
		size_t left = out->max_bytes - out->len, given, in_before = io->in_len;
		enum coding_step step;

		unsigned char over[1]; /* where the byte too many shows */

		given = left == 0 ? 1 : left < STEP_BYTES ? left : STEP_BYTES;
		io->out = left ? (unsigned char *)buf_reserve(out, given) : over;
		io->room = given;
		if (!io->out)
			return too_big(message, false, out->max_bytes);
		step = c->step(state, io);
		if (left == 0 && io->room < given)
			return too_big(message, false, out->max_bytes);
		if (left)
			buf_grew(out, given - io->room);
		if (coding_is_bomb(out->len, wire))
			return too_big(message, true, 0);
		if (step == CODING_END && !(c->again && c->again(state, io)))
			return PARSE_OK; /* what may stand behind is none of it */
		if (step == CODING_BAD) {
			(void)err_set(message, ERR_INVALID, "the packed answer (%s) is damaged", c->name);
			return PARSE_ENCODING;
		}
		if (step == CODING_MORE && io->room == given && io->in_len == in_before) {
			(void)err_set(message, ERR_INVALID, "the packed answer (%s) ends early", c->name);
			return PARSE_ENCODING;
		}
	}
}

static enum parse_status undo(const struct coding *c, const char *bytes, size_t len, size_t wire, struct buf *out, struct err *message)
{
	struct coding_io io = {.in = (const unsigned char *)bytes, .in_len = len};
	void *state = c->begin(io.in, len);
	enum parse_status status;

	if (!state)
		return too_big(message, false, out->max_bytes);
	status = run(c, state, &io, wire, out, message);
	c->end(state);
	return status;
}

bool parse_is_packed(const char *content_encoding)
{
	const struct coding *list[LIMIT_CONTENT_CODINGS];
	struct err ignored = {0};

	return content_encoding && read_codings(content_encoding, list, &ignored) != 0;
}

enum parse_status parse_decode(const char *content_encoding, const char *bytes, size_t len, struct buf *out, struct err *message)
{
	const struct coding *list[LIMIT_CONTENT_CODINGS];
	struct buf between = BUF_INIT(out->max_bytes);
	enum parse_status status = PARSE_OK;
	int n = read_codings(content_encoding, list, message);

	if (n < 0)
		return PARSE_ENCODING;
	if (n == 0)
		buf_append(out, bytes, len);
	for (int i = n - 1; i >= 0 && status == PARSE_OK; i--) {
		struct buf last = between;
		bool first = i == n - 1;

		between = *out;
		*out = last;
		buf_clear(out);
		status = undo(list[i], first ? bytes : buf_str(&between), first ? len : between.len, len, out, message);
	}
	buf_done(&between);
	if (status == PARSE_OK && buf_error(out) < 0)
		status = too_big(message, false, out->max_bytes);
	return status;
}
