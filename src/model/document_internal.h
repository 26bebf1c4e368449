#ifndef SYNDICATED_DOCUMENT_INTERNAL_H
#define SYNDICATED_DOCUMENT_INTERNAL_H
#include "syndicated/model/document.h"

void item_details_done(struct item *i); /* frees what item_details_encode() writes and leaves none */

#endif
