#ifndef SYNDICATED_BASE_WAKE_H
#define SYNDICATED_BASE_WAKE_H
/*
 * Waking a loop of another thread by its eventfd(2), which is non-blocking. Any thread. Who wakes does so once for many
 * things, so a wake that got lost would leave them all lying: one that fails is tried again as long as it takes, and its
 * caller waits.
 */

void wake_up(int event_fd);

#endif
