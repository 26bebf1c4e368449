/* The form of a complaint, after compilers: people and editors know how to read it. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define TEXT_BYTES_MAX         4096u
#define LINE_CHARACTERS_BEFORE 100u /* of a long source line, what is shown around the place */
#define LINE_CHARACTERS_SHOWN  160u

/* Keeps the complaint unless there are enough of its kind; the count goes on. */
static void add(struct report *r, struct place where, bool is_warning, const char *format, va_list args)
{
	size_t *count = is_warning ? &r->warnings : &r->errors;
	struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	char *taken = NULL;

	if ((*count)++ >= LIMIT_CONFIG_ERRORS)
		return;
	buf_append_vprintf(&text, format, args);
	if (buf_take(&text, &taken, NULL) < 0)
		taken = mem_dup_str("(a message too long to show)");
	r->items = mem_resize_array(r->items, r->n + 1, sizeof(*r->items));
	r->items[r->n++] = (struct complaint){where, is_warning, taken};
}

void report_error(struct report *r, struct place where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(r, where, false, format, args);
	va_end(args);
}

void report_warning(struct report *r, struct place where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(r, where, true, format, args);
	va_end(args);
}

static int compare(const void *a, const void *b)
{
	const struct place *x = &((const struct complaint *)a)->place;
	const struct place *y = &((const struct complaint *)b)->place;

	if (x->file->index != y->file->index)
		return x->file->index < y->file->index ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

/* The bytes of a line, without its end. */
static const char *find_line(const struct config_file *f, uint32_t line, size_t *ret_len)
{
	const char *p = f->text, *end = f->text + f->len, *stop;

	for (uint32_t i = 1; i < line && p; i++) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return NULL;
	stop = memchr(p, '\n', (size_t)(end - p));
	if (!stop)
		stop = end;
	if (stop > p && stop[-1] == '\r')
		stop--;
	*ret_len = (size_t)(stop - p);
	return p;
}

/* Characters of the file that would change the terminal are shown as a question mark. */
static void append_character(struct buf *out, const char *s, size_t len)
{
	unsigned char c = (unsigned char)*s;

	if (c == '\t' || (c >= 0x20 && c != 0x7f))
		buf_append(out, s, len);
	else
		buf_append_char(out, '?');
}

/* Steps over one character, also where the text is not UTF-8. */
static size_t step(const char *s, size_t len)
{
	size_t n = 1;

	while (n < len && n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static void append_source(struct buf *out, const struct place *where)
{
	uint32_t first = where->column > LINE_CHARACTERS_BEFORE ? where->column - LINE_CHARACTERS_BEFORE : 1,
		 column = 1;
	size_t len = 0, i = 0;
	const char *line = find_line(where->file, where->line, &len);
	struct buf caret = BUF_INIT(4 * LINE_CHARACTERS_SHOWN + 16);

	if (!line)
		return;
	for (; i < len && column < first + LINE_CHARACTERS_SHOWN; column++) {
		size_t n = step(line + i, len - i);

		if (column >= first) {
			if (text_is_clean(line + i, n))
				append_character(out, line + i, n);
			else
				buf_append_char(out, '?');
			if (column < where->column)
				buf_append_char(&caret, line[i] == '\t' ? '\t' : ' ');
		}
		i += n;
	}
	buf_append_char(out, '\n');
	buf_append_str(out, buf_str(&caret));
	buf_append_str(out, "^\n");
	buf_done(&caret);
}

static void append_complaint(struct buf *out, const struct complaint *c)
{
	const char *kind = c->is_warning ? "warning" : "error";

	if (c->place.line == 0) {
		buf_append_printf(out, "%s: %s: %s\n", c->place.file->path, kind, c->text);
		return;
	}
	buf_append_printf(out, "%s:%u:%u: %s: %s\n", c->place.file->path, c->place.line, c->place.column, kind,
			  c->text);
	append_source(out, &c->place);
}

static void append_rest(struct buf *out, size_t count, const char *kind)
{
	if (count > LIMIT_CONFIG_ERRORS)
		buf_append_printf(out, "and %zu more %s%s\n", count - LIMIT_CONFIG_ERRORS, kind,
				  count - LIMIT_CONFIG_ERRORS == 1 ? "" : "s");
}

void report_write(struct report *r, struct buf *out)
{
	if (r->n > 0)
		qsort(r->items, r->n, sizeof(*r->items), compare);
	for (size_t i = 0; i < r->n; i++)
		append_complaint(out, &r->items[i]);
	append_rest(out, r->errors, "error");
	append_rest(out, r->warnings, "warning");
}

void report_done(struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		mem_free(r->items[i].text);
	mem_free(r->items);
	*r = (struct report){0};
}
