#include "server_check.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

/* One byte of a path, percent-decoded or as it is. */
static int next_byte(const char **at)
{
	static const char hex[] = "0123456789abcdef";
	const char *p = *at;
	const char *high, *low;

	if (*p != '%') {
		*at = p + 1;
		return (unsigned char)*p;
	}
	high = p[1] ? strchr(hex, text_lower(p[1])) : NULL;
	low = high && p[2] ? strchr(hex, text_lower(p[2])) : NULL;
	if (!low)
		return -1;
	*at = p + 3;
	return (int)((high - hex) * 16 + (low - hex));
}

static bool is_dots(const char *segment, size_t len)
{
	return (len == 1 && segment[0] == '.') || (len == 2 && segment[0] == '.' && segment[1] == '.');
}

/* Walks the decoded path, so that %2e%2e and %2f are seen for what they are. */
static bool check_path(const char *path, size_t len)
{
	const char *end = path + len;
	char segment[4];
	size_t in_segment = 0;
	bool first = true;

	while (path < end) {
		int c = next_byte(&path);

		if (c < 0x20 || c == 0x7f)
			return false;
		if (c != '/') {
			if (in_segment < sizeof(segment))
				segment[in_segment] = (char)c;
			in_segment++;
		} else if (!first && (in_segment == 0 || is_dots(segment, in_segment))) {
			return false;
		} else {
			in_segment = 0;
		}
		first = false;
	}
	return !is_dots(segment, in_segment);
}

bool server_check_target(const char *target)
{
	size_t len = strlen(target);

	if (target[0] != '/' || len > LIMIT_URL_BYTES)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)target[i] <= 0x20 || target[i] == 0x7f)
			return false;
	return check_path(target, strcspn(target, "?"));
}

static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool server_check_header(const char *name, size_t name_len, const char *value, size_t value_len)
{
	if (name_len == 0)
		return false;
	for (size_t i = 0; i < name_len; i++)
		if (!is_token_char((unsigned char)name[i]))
			return false;
	for (size_t i = 0; i < value_len; i++)
		if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
			return false;
	return true;
}
