/* Defaults and words. */
#include "syndicated/story.h"

void story_rules_default(struct story_rules *ret)
{
	*ret = (struct story_rules){
		.window_ms = 4 * (int64_t)86400000,
		.max_items = 100000,
		.merge = 0.37,
		.related = 0.21,
		.related_from = 100,
		.wire = 0.6,
		.story_items = 64,
		.group_items = 256,
		.min_terms = 8,
		.min_common = 2,
		.fade = 0.1,
		.prior_items = 300,
		.prior_uses = 1,
		.work = 600,
	};
}

const char *story_rule_words(enum story_rule r)
{
	static const char *const words[] = {
		[STORY_NEW] = "a story of its own",
		[STORY_SIMILAR] = "tells what the story tells",
		[STORY_WIRE] = "the same text as an item of the story",
	};

	return r <= STORY_WIRE ? words[r] : "unknown";
}

const char *story_veto_words(enum story_veto v)
{
	static const char *const words[STORY_VETOES] = {
		[STORY_TAKEN] = "chosen",
		[STORY_UNLIKE] = "not like enough",
		[STORY_LESS_LIKE] = "another is more like it",
		[STORY_OWN_SOURCE] = "has an item of this source",
		[STORY_FULL] = "has as many items as a story takes",
		[STORY_OTHER_SCORE] = "has another score",
		[STORY_OTHER_MAGNITUDE] = "has another magnitude",
		[STORY_OTHER_NUMBERS] = "has the same words with other numbers",
		[STORY_UPDATE] = "has some of the same passages among other news",
		[STORY_RECURRING] = "has a title that its source uses again and again",
		[STORY_TOO_SHORT] = "has too few words, or too few in common",
	};

	return v < STORY_VETOES ? words[v] : "unknown";
}
