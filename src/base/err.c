#include "syndicated/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum error_code code, const char *format, ...)
{
	if (e != NULL) {
		va_list args;

		va_start(args, format);
		e->code = code;
		vsnprintf(e->message, sizeof(e->message), format, args);
		va_end(args);
	}
	return code;
}

void err_prefix(struct err *e, const char *format, ...)
{
	char context[ERR_MESSAGE_BYTES];
	char whole[ERR_MESSAGE_BYTES];
	va_list args;

	if (e == NULL)
		return;
	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
	/* Both may fill the message; what does not fit is cut off at its end. */
	int len = snprintf(whole, sizeof(whole), "%s: ", context);
	size_t used = len < (int)sizeof(whole) ? (size_t)len : sizeof(whole) - 1;
	size_t rest = strnlen(e->message, sizeof(e->message) - 1);
	if (rest > sizeof(whole) - 1 - used)
		rest = sizeof(whole) - 1 - used;
	memcpy(whole + used, e->message, rest);
	whole[used + rest] = '\0';
	memcpy(e->message, whole, sizeof(whole));
}

const char *err_name(int code)
{
	static const char *const names[] = {
		"ok", "invalid", "too big", "not found", "exists", "input/output error", "timeout", "refused", "closed", "full",
		"corrupt", "unsupported",
	};

	if (code > 0 || code < -(int)(sizeof(names) / sizeof(names[0])) + 1)
		return "unknown error";
	return names[-code];
}
