/*
 * What HTML may go on to readers (REL-32, REL-90): these elements, these attributes, nothing else. No element that is
 * written has raw text or foreign content in it, which is where parsers disagree.
 */
#include "html.h"

#include "syndicated/base/text.h"

#define X(id, name, fate, as, flags) [EL_##id] = { name, "<" name, "</" name ">", sizeof(name) - 1, fate, EL_##as, flags },
const struct html_policy html_policies[EL_COUNT] = { HTML_ELEMENTS(X) };
#undef X
#define X(id, name) [AT_##id] = { name, sizeof(name) - 1 },
const struct html_slice html_attribute_names[AT_COUNT] = { HTML_ATTRIBUTES(X) };
#undef X
#define X(id, name) [AT_##id] = { " " name "=\"", sizeof(name) + 2 },
const struct html_slice html_attribute_starts[AT_COUNT] = { HTML_ATTRIBUTES(X) };
#undef X

_Static_assert(EL_UL < 64, "what can be closed by a start tag fits a mask");
_Static_assert(AT_COUNT <= 32, "attributes fit a mask");

#define M(id) (UINT64_C(1) << EL_##id)
#define HEADINGS (M(H1) | M(H2) | M(H3) | M(H4) | M(H5) | M(H6))
#define CELLS (M(TD) | M(TH))

/* As libxml2 2.9 does it; tests/unit/test_html.c holds this table against the parser that is installed. */
static const uint64_t closed_by[EL_COUNT] = {
	[EL_A] = M(A),
	[EL_ADDRESS] = M(P) | M(UL),
	[EL_BLOCKQUOTE] = M(P),
	[EL_CAPTION] = M(P),
	[EL_CENTER] = M(B) | M(I) | M(P),
	[EL_COL] = M(CAPTION) | M(P),
	[EL_COLGROUP] = M(CAPTION) | M(COLGROUP) | M(P),
	[EL_DD] = M(ADDRESS) | M(DT) | M(P) | M(PRE),
	[EL_DIV] = M(P),
	[EL_DL] = M(ADDRESS) | M(DT) | M(P) | M(PRE),
	[EL_DT] = M(ADDRESS) | M(DD) | M(P) | M(PRE),
	[EL_H1] = M(P),
	[EL_H2] = M(P),
	[EL_H3] = M(P),
	[EL_H4] = M(P),
	[EL_H5] = M(P),
	[EL_H6] = M(P),
	[EL_HR] = M(P),
	[EL_LI] = M(ADDRESS) | M(DL) | HEADINGS | M(LI) | M(P) | M(PRE),
	[EL_OL] = M(P) | M(UL),
	[EL_P] = M(B) | M(BIG) | HEADINGS | M(I) | M(P) | M(S) | M(SMALL) | M(STRIKE) | M(TT) | M(U),
	[EL_PRE] = M(P) | M(UL),
	[EL_TABLE] = M(A) | HEADINGS | M(P) | M(PRE),
	[EL_TBODY] = M(CAPTION) | M(COLGROUP) | M(P) | M(TBODY) | CELLS | M(TFOOT) | M(THEAD) | M(TR),
	[EL_TD] = M(A) | M(B) | M(I) | M(P) | M(SPAN) | CELLS | M(U),
	[EL_TFOOT] = M(CAPTION) | M(COLGROUP) | M(P) | M(TBODY) | CELLS | M(THEAD) | M(TR),
	[EL_TH] = M(A) | M(B) | M(I) | M(P) | M(SPAN) | CELLS | M(U),
	[EL_THEAD] = M(CAPTION) | M(COLGROUP),
	[EL_TR] = M(CAPTION) | M(COLGROUP) | M(P) | CELLS | M(TR),
	[EL_UL] = M(ADDRESS) | M(OL) | M(P) | M(PRE),
};

uint64_t html_closed_by(enum html_element started)
{
	return closed_by[started];
}

/* ---- names: open addressing, built at first use ---- */

enum { SLOTS = 512 };

struct slot {
	struct html_name name;
	unsigned id_plus_1;
};

static struct slot element_slots[SLOTS], attribute_slots[SLOTS];
static bool built;

static unsigned first_slot(struct html_name n)
{
	return (unsigned)((n.words[0] * UINT64_C(0x9E3779B97F4A7C15) ^ n.words[1] * UINT64_C(0xC2B2AE3D27D4EB4F)) >> 55);
}

struct html_name html_name_of(const char *s, size_t len)
{
	struct html_name n = { { 0, 0 } };

	if (len > sizeof(n.words))
		return n;
	for (size_t i = 0; i < len; i++)
		n.words[i / 8] |= (uint64_t)(unsigned char)text_lower(s[i]) << i % 8 * 8;
	return n;
}

static void add(struct slot *slots, const char *name, size_t len, unsigned id)
{
	struct html_name n = html_name_of(name, len);
	unsigned i = first_slot(n);

	while (slots[i].id_plus_1)
		i = (i + 1) % SLOTS;
	slots[i] = (struct slot){ n, id + 1 };
}

static unsigned find(const struct slot *slots, struct html_name n, unsigned missing)
{
	for (unsigned i = first_slot(n); slots[i].id_plus_1; i = (i + 1) % SLOTS) {
		if (slots[i].name.words[0] == n.words[0] && slots[i].name.words[1] == n.words[1])
			return slots[i].id_plus_1 - 1;
	}
	return missing;
}

static void build(void)
{
	for (unsigned i = 0; i < EL_COUNT; i++)
		add(element_slots, html_policies[i].name, html_policies[i].name_len, i);
	for (unsigned i = 0; i < AT_COUNT; i++)
		add(attribute_slots, html_attribute_names[i].s, html_attribute_names[i].len, i);
	built = true;
}

enum html_element html_element_find(struct html_name name)
{
	if (!built)
		build();
	return (enum html_element)find(element_slots, name, EL_NONE);
}

enum html_attribute html_attribute_find(struct html_name name)
{
	if (!built)
		build();
	return (enum html_attribute)find(attribute_slots, name, AT_COUNT);
}
