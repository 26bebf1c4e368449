#include "syndicated/model/spec.h"

#include <string.h>

#include "syndicated/base/mem.h"

void string_list_add(struct string_list *l, const char *s)
{
	l->items = mem_resize_array(l->items, l->n + 1, sizeof(*l->items));
	l->items[l->n++] = mem_dup_str(s);
}

bool string_list_has(const struct string_list *l, const char *s)
{
	for (size_t i = 0; s != NULL && i < l->n; i++) {
		if (strcmp(l->items[i], s) == 0)
			return true;
	}
	return false;
}

void string_list_copy(struct string_list *to, const struct string_list *from)
{
	*to = (struct string_list){0};
	for (size_t i = 0; i < from->n; i++)
		string_list_add(to, from->items[i]);
}

void string_list_done(struct string_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		mem_free(l->items[i]);
	mem_free(l->items);
	*l = (struct string_list){0};
}
