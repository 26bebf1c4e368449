#include "namespace.h"

#include <string.h>

#include "syndicated/base/text.h"

static const struct namespace_table *const tables[] = {
	&ns_rss, &ns_atom, &ns_rss10, &ns_rdf, &ns_dc, &ns_content, &ns_media, &ns_itunes, &ns_sy, &ns_slash, &ns_wfw, &ns_thr,
	&ns_dcterms, &ns_xhtml, &ns_podcast, &ns_googleplay, &ns_georss, &ns_geo, &ns_gml, &ns_feedburner, &ns_pheedo, &ns_admin,
	&ns_cc, &ns_prism,
};

/* Publishers write namespaces in wrong case, with https and without the slash at their end; nobody means another one. */
static const char *behind_scheme(const char *uri)
{
	const char *colon;

	if (text_lower(uri[0]) != 'h' || (!text_has_prefix_nocase(uri, "http:") && !text_has_prefix_nocase(uri, "https:")))
		return uri;
	colon = strchr(uri, ':');
	return colon + 1;
}

/* a is without its scheme already. The scheme in the tables is in lower case. */
static bool same_uri(const char *a, const char *b)
{
	if (b[0] == 'h' && b[1] == 't' && b[2] == 't' && b[3] == 'p')
		b += b[4] == ':' ? 5 : b[4] == 's' && b[5] == ':' ? 6 : 0;
	while (*a && *b && text_lower(*a) == text_lower(*b)) {
		a++;
		b++;
	}
	return a[strspn(a, "/#")] == '\0' && b[strspn(b, "/#")] == '\0';
}

static bool listed(const char *const *list, const char *word, bool (*same)(const char *, const char *))
{
	for (; list && *list; list++) {
		if (same(word, *list))
			return true;
	}
	return false;
}

static const struct namespace_table *by_uri(const char *uri)
{
	uri = behind_scheme(uri);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (listed(tables[i]->uris, uri, same_uri))
			return tables[i];
	}
	return NULL;
}

static const struct namespace_table *by_prefix(const char *prefix)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (listed(tables[i]->prefixes, prefix, text_equal_nocase))
			return tables[i];
	}
	return NULL;
}

const struct namespace_table *namespace_of(const struct xml_name *name)
{
	const struct namespace_table *t = name->uri ? by_uri(name->uri) : NULL;

	if (!name->uri && !name->prefix)
		return &ns_rss;
	return t || !name->prefix ? t : by_prefix(name->prefix);
}

const struct rule *namespace_rule(const struct namespace_table *table, const char *local, enum place place)
{
	char first = text_lower(*local);

	for (const struct rule *r = table->rules; r->name; r++) {
		if ((r->places & (unsigned)place) && text_lower(*r->name) == first && text_equal_nocase(r->name, local))
			return r;
	}
	return NULL;
}
