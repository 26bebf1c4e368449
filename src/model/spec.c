#include "syndicated/model/spec.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { KEY_BYTES_MIN = 24, KEY_BYTES_MAX = 64 };
static const char secret_prefix[] = "whsec_";

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

int webhook_secret_decode(const char *secret, struct buf *ret_key)
{
	if (!secret || !text_has_prefix(secret, secret_prefix))
		return ERR_INVALID;
	if (digest_decode_base64(secret + strlen(secret_prefix), ret_key) < 0)
		return ERR_INVALID;
	return ret_key->len >= KEY_BYTES_MIN && ret_key->len <= KEY_BYTES_MAX ? 0 : ERR_INVALID;
}

void webhook_secret_forget(struct buf *key)
{
	if (key->bytes)
		explicit_bzero(key->bytes, key->len);
	buf_done(key);
}
