/*
 * What is open. An end tag closes everything inside its element; one of an element that is not open is passed over. A
 * start tag closes first what cannot hold it: the handler knows for feeds (must_end_cb), the list below for HTML that
 * stands in them unescaped.
 */
#include "lenient_internal.h"

#include <string.h>

#include "syndicated/base/text.h"

/* Of few names hardly any begins as this one does. */
static bool is_one_of(const char *const *names, const char *local)
{
	char first = text_lower(*local);

	for (; *names; names++) {
		if (**names == first && text_equal_nocase(local, *names))
			return true;
	}
	return false;
}

/* HTML's elements without end tag, as far as no feed has an element of that name. */
static bool is_void(const char *local)
{
	static const char *const names[] = { "br", "hr", "img", "wbr", "input", "area", "col", "param", "embed", NULL };

	return is_one_of(names, local);
}

/* HTML's elements whose next of the kind ends the one before. */
static bool ends_its_like(const char *local)
{
	static const char *const names[] = { "p", "li", "td", "th", "tr", "dt", "dd", "option", NULL };

	return is_one_of(names, local);
}

static const char *find_uri(const struct lenient *l, const char *prefix)
{
	if (prefix && strcmp(prefix, "xml") == 0)
		return XML_URI;
	for (size_t i = l->n_bindings; i-- > 0;) {
		if (l->bindings[i].prefix == prefix)
			return l->bindings[i].uri;
	}
	return NULL;
}

static void bind_prefix(struct lenient *l, const char *prefix, const char *uri)
{
	if (l->n_bindings < LENIENT_BINDINGS)
		l->bindings[l->n_bindings++] = (struct binding){ prefix, *uri ? lenient_intern(l, uri, strlen(uri)) : NULL };
}

/* Takes the declarations of namespaces out of the attributes and gives the others their URIs. */
static void resolve_namespaces(struct lenient *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n_attributes; i++) {
		struct xml_attribute *a = &l->attributes[i];

		if (!a->name.prefix && strcmp(a->name.local, "xmlns") == 0)
			bind_prefix(l, NULL, a->value);
		else if (a->name.prefix && strcmp(a->name.prefix, "xmlns") == 0)
			bind_prefix(l, a->name.local, a->value);
		else
			l->attributes[kept++] = *a;
	}
	l->n_attributes = kept;
	for (size_t i = 0; i < kept; i++)
		l->attributes[i].name.uri = l->attributes[i].name.prefix ? find_uri(l, l->attributes[i].name.prefix) : NULL;
}

/* End tags are matched in any case of letters, by pointer. */
static const char *fold_name(struct lenient *l, const char *raw, size_t len)
{
	char folded[LIMIT_SHORT_BYTES];

	if (len > sizeof(folded))
		len = sizeof(folded);
	for (size_t i = 0; i < len; i++)
		folded[i] = text_lower(raw[i]);
	return lenient_intern(l, folded, len);
}

static struct xml_name read_name(struct lenient *l, const char *raw, size_t len)
{
	const char *colon = memchr(raw, ':', len);
	struct xml_name n = { 0 };

	if (colon && colon > raw && colon + 1 < raw + len) {
		n.prefix = lenient_intern(l, raw, (size_t)(colon - raw));
		len -= (size_t)(colon + 1 - raw);
		raw = colon + 1;
	}
	n.local = lenient_intern(l, raw, len);
	return n;
}

/* Elements nested too deep are only counted, by name, so that the end of what is around them is told from theirs. */
static uint32_t *deep_count(struct lenient *l, const char *folded)
{
	return &l->deep_names[((uintptr_t)folded >> 3) % LENIENT_DEEP_NAMES];
}

static void forget_deep(struct lenient *l)
{
	if (l->too_deep == 0)
		return;
	l->too_deep = 0;
	memset(l->deep_names, 0, sizeof(l->deep_names));
}

void lenient_close_top(struct lenient *l)
{
	struct open_element *o = &l->open[--l->depth];

	forget_deep(l);
	l->handler->end_cb(&o->name, l->ctx);
	l->n_bindings = o->n_bindings;
}

static bool is_in_sound_root(const struct lenient *l)
{
	return l->root_is_sound && l->roots == 1;
}

static void make_room(struct lenient *l, const struct xml_element *e, size_t at)
{
	if (is_in_sound_root(l))
		return;
	while (l->depth && l->handler->must_end_cb && l->handler->must_end_cb(e, l->ctx)) {
		lenient_repair(l, REPAIR_UNCLOSED, at);
		lenient_close_top(l);
	}
	if (l->depth && !l->too_deep && ends_its_like(e->name.local) && text_equal_nocase(l->open[l->depth - 1].name.local, e->name.local)) {
		lenient_repair(l, REPAIR_UNCLOSED, at);
		lenient_close_top(l);
	}
}

void lenient_open(struct lenient *l, const char *raw, size_t len, bool closed, size_t at)
{
	struct xml_element e = { .attributes = l->attributes, .n_attributes = l->n_attributes, .name = read_name(l, raw, len) };
	size_t n_bindings;

	if (l->depth == 0 && l->roots++ > 0)
		lenient_repair(l, REPAIR_SEVERAL, at);
	e.name.uri = find_uri(l, e.name.prefix); /* what is open decides whether something has to end */
	make_room(l, &e, at);
	if (l->too_deep || l->depth == LIMIT_XML_DEPTH) {
		lenient_repair(l, REPAIR_DEPTH, at);
		if (!closed && !is_void(e.name.local)) {
			l->too_deep++;
			*deep_count(l, fold_name(l, raw, len)) += 1;
		}
		return;
	}
	n_bindings = l->n_bindings;
	resolve_namespaces(l);
	e.name.uri = find_uri(l, e.name.prefix);
	e.n_attributes = l->n_attributes;
	if (e.name.prefix && !e.name.uri)
		lenient_repair(l, REPAIR_PREFIX, at);
	e.line = lenient_line(l, at);
	l->open[l->depth++] = (struct open_element){
		.name = e.name,
		.raw = lenient_intern(l, raw, len),
		.folded = fold_name(l, raw, len),
		.n_bindings = n_bindings,
	};
	l->handler->start_cb(&e, l->ctx);
	if (closed || (!is_in_sound_root(l) && !e.name.prefix && is_void(e.name.local)))
		lenient_close_top(l);
}

void lenient_end_tag(struct lenient *l, const char *raw, size_t len, size_t at)
{
	const char *name = fold_name(l, raw, len);
	size_t i = l->depth;

	if (l->too_deep && *deep_count(l, name)) {
		*deep_count(l, name) -= 1;
		l->too_deep--;
		return;
	}
	while (i > 0 && l->open[i - 1].folded != name)
		i--;
	if (i == 0) {
		lenient_repair(l, REPAIR_STRAY_END, at);
		return;
	}
	if (i < l->depth)
		lenient_repair(l, REPAIR_UNCLOSED, at);
	while (l->depth >= i)
		lenient_close_top(l);
}
