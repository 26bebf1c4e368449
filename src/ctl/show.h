#ifndef CTL_SHOW_H
#define CTL_SHOW_H
/* JSON answers as people read them. Foreign text loses its control characters before it reaches a terminal. */
#include <jansson.h>

void show_status(const json_t *answer);
void show_sources(const json_t *answer);
/* One source and why: "because" of the daemon, its last polls, its events. */
void show_explain(const json_t *answer);
void show_items(const json_t *answer);
/* An item in its story, and what came into question for it. */
void show_item(const json_t *answer);
/* What other thresholds would make of the stories. */
void show_replay(const json_t *answer);
/* What a feed takes of the newest items, and why. */
void show_trials(const json_t *answer);
void show_message(const json_t *answer);
/* On standard error; it may quote foreign text too. */
void show_complaint(const char *complaint);

#endif
