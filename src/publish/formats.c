#include "publish_internal.h"

const struct publish_format publish_formats[] = {
	{"atom", ".atom", "application/atom+xml; charset=utf-8", atom_write},
	{"page", "/", "text/html; charset=utf-8", page_write},
	{0},
};
