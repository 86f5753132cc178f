package bulk

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sluice-dev/sluice/shared/change"
)

// appendItem appends an item's action line and, unless it is a delete, its document
// or tombstone.
// The item has passed Check.
func appendItem(dst []byte, item *Item) []byte {
	dst = append(dst, `{"`...)
	dst = append(dst, item.action()...)
	dst = append(dst, `":{"_index":`...)
	dst = appendString(dst, item.Target.Name)
	dst = append(dst, `,"_id":`...)
	dst = appendString(dst, item.ID)
	if item.Version != change.NoVersion && item.Op != change.Create {
		dst = append(dst, `,"version":`...)
		dst = strconv.AppendInt(dst, item.Version, 10)
		dst = append(dst, `,"version_type":"external`...)
		if item.Ties {
			dst = append(dst, "_gte"...)
		}
		dst = append(dst, '"')
	}
	if item.Target.Alias && (item.Op != change.Delete || item.Tombstone != nil) {
		dst = append(dst, `,"require_alias":true`...)
	}
	dst = append(dst, "}}\n"...)
	switch {
	case item.Tombstone != nil:
		return append(append(dst, item.Tombstone...), '\n')
	case item.Op == change.Delete:
		return dst
	}
	return append(append(dst, item.Body...), '\n')
}

// appendGuard appends an update of a document that does not exist, which changes
// nothing, but tells the server that the alias must exist. A delete cannot say so
// itself: with an external version it would create an index of that name.
func appendGuard(dst []byte, alias string) []byte {
	dst = append(dst, `{"update":{"_index":`...)
	dst = appendString(dst, alias)
	return append(dst, `,"_id":"sluice:guard","require_alias":true}}`+"\n"+`{"doc":{}}`+"\n"...)
}

func appendString(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text) // Check has refused what is not UTF-8
	return dst
}
