/* What must be loaded before the sandbox closes. */
#include "syndicated/clean.h"

#include "date.h"
#include "url.h"

void clean_init(void)
{
	clean_url_init();
	date_words_init();
	date_zone_init();
}
