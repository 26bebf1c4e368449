#ifndef SYNDICATED_DOCUMENT_INTERNAL_H
#define SYNDICATED_DOCUMENT_INTERNAL_H
#include "syndicated/model/document.h"

void item_lists_done(struct item *i); /* frees authors, categories and enclosures and leaves none */

#endif
