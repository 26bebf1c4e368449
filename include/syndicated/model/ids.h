#ifndef SYNDICATED_MODEL_IDS_H
#define SYNDICATED_MODEL_IDS_H
/*
 * Stable public ids, derived and never random, so that anything done twice after a crash carries the same id. Without
 * a full stop (push.md W8). The store keeps what they are made of and asks again, so these functions never change their
 * answers. A story outlives the item it is named after; of it the 16 bytes are kept.
 */
#include <stdint.h>

#include "syndicated/model/document.h"

enum { ID_BYTES = 64, ID_RAW_BYTES = 16 };
void id_of_source(const char *url, char out[ID_BYTES]);                                     /* "src_" and base32 */
void id_of_item(const char *source_uid, const struct item_key *key, char out[ID_BYTES]);    /* "itm_" and base32 */
void id_of_story(const char *first_item_uid, char out[ID_BYTES]);                           /* "urn:uuid:", version 8 of RFC 9562 */
void id_of_story_raw(const char *first_item_uid, uint8_t out[ID_RAW_BYTES]);
void id_from_story_raw(const uint8_t raw[ID_RAW_BYTES], char out[ID_BYTES]);
void id_of_event(const char *type, const char *item_uid, int64_t revision, char out[ID_BYTES]); /* "evt_" and base32 */

#endif
