#include "syndicated/model/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* Problems quote foreign documents, and what is quoted may be cut inside a character: so the text is scrubbed. */
static char *make_text(const char *format, va_list args)
{
	char raw[LIMIT_SHORT_BYTES];
	struct buf clean = BUF_INIT(4 * sizeof(raw));
	char *text = NULL;

	int len = vsnprintf(raw, sizeof(raw), format, args);
	if (len > 0)
		text_scrub(&clean, raw, (size_t)len < sizeof(raw) ? (size_t)len : sizeof(raw) - 1);
	text = mem_dup_bytes(buf_str(&clean), clean.len);
	buf_done(&clean);
	return text;
}

void problem_add(struct problem_list *l, const char *code, uint32_t line, const char *format, ...)
{
	va_list args;

	l->total++;
	if (l->n >= LIMIT_PROBLEMS)
		return;
	l->items = mem_resize_array(l->items, l->n + 1, sizeof(*l->items));
	struct problem *p = &l->items[l->n++];
	p->code = mem_dup_str(code);
	p->line = line;
	va_start(args, format);
	p->text = make_text(format, args);
	va_end(args);
}

void problem_list_done(struct problem_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		mem_free(l->items[i].code);
		mem_free(l->items[i].text);
	}
	mem_free(l->items);
	*l = (struct problem_list){0};
}
