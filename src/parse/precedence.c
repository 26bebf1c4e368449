#include "syndicated/parse.h"

#include "precedence.h"

static const struct precedence_row rows[] = {
#define ROW(slot, name, elements, reason) { #slot, elements, reason },
	PRECEDENCE(ROW)
#undef ROW
};

const struct precedence_row *parse_precedence(size_t *ret_n)
{
	*ret_n = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
