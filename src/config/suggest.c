/* "did you mean": the known word nearest to what was written. */
#include <stdio.h>
#include <string.h>

#include "loader.h"

#include "syndicated/base/text.h"

void suggest(struct suggestion *s, const char *candidate)
{
	/* A third of a word may be wrong, but not all of a short one. */
	unsigned limit = strlen(s->wanted) < 4 ? 1 : strlen(s->wanted) < 9 ? 2 : 3;
	unsigned distance;

	if (strlen(s->wanted) > NAME_BYTES_MAX)
		return;
	distance = text_distance(s->wanted, candidate, limit);
	if (distance <= limit && (!s->best[0] || distance < s->distance)) {
		(void)snprintf(s->best, sizeof(s->best), "%s", candidate);
		s->distance = distance;
	}
}

const char *suggestion_text(const struct suggestion *s, char out[160])
{
	out[0] = '\0';
	if (s->best[0])
		(void)snprintf(out, 160, "; did you mean '%s'?", s->best);
	return out;
}
