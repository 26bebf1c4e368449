#include "namespace.h"

#include <string.h>

#include "syndicated/base/text.h"

static const struct namespace_table *const tables[] = {
	&ns_rss, &ns_atom, &ns_rss10, &ns_rdf, &ns_dc, &ns_dcterms, &ns_content, &ns_media, &ns_itunes, &ns_sy, &ns_wfw,
	&ns_xhtml,
};

/* Publishers write namespaces in wrong case, with https and without the slash at their end; nobody means another one. */
static bool same_uri(const char *a, const char *b)
{
	if (text_has_prefix_nocase(a, "https:"))
		a += 6;
	else if (text_has_prefix_nocase(a, "http:"))
		a += 5;
	if (text_has_prefix_nocase(b, "http:"))
		b += 5;
	while (*a && *b && text_lower(*a) == text_lower(*b)) {
		a++;
		b++;
	}
	return strspn(a, "/#") == strlen(a) && strspn(b, "/#") == strlen(b);
}

static bool belongs(const struct namespace_table *t, const struct xml_name *name)
{
	if (!name->uri) {
		if (!name->prefix)
			return t->prefix == NULL;
		return t->prefix && text_equal_nocase(name->prefix, t->prefix);
	}
	for (size_t i = 0; t->uris[i]; i++) {
		if (same_uri(name->uri, t->uris[i]))
			return true;
	}
	return false;
}

const struct rule *namespace_find(const struct xml_name *name, enum place place)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (!belongs(tables[i], name))
			continue;
		for (const struct rule *r = tables[i]->rules; r->name; r++) {
			if ((r->places & (unsigned)place) && text_equal_nocase(r->name, name->local))
				return r;
		}
	}
	return NULL;
}
