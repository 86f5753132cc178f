package bulk

import (
	"fmt"
	"unicode/utf8"

	"github.com/sluice-dev/sluice/shared/change"
)

// maxID is OpenSearch's limit, in bytes. A longer id fails the whole request.
const maxID = 512

// Check refuses an item that would fail its whole request; so does Write.
func Check(item *Item) (Verdict, bool) {
	switch {
	case item.ID == "":
		return rejected("id_empty", "id empty"), false
	case len(item.ID) > maxID:
		return rejected("id_too_long", fmt.Sprintf("id longer than %d bytes (%d)", maxID, len(item.ID))), false
	case !utf8.ValidString(item.ID):
		return rejected("id_not_utf8", "id is not UTF-8"), false
	case item.Version < change.NoVersion:
		return rejected("version_out_of_range", "version is negative"), false
	}
	return Verdict{}, true
}

func rejected(kind, reason string) Verdict {
	return Verdict{Outcome: Rejected, Type: kind, Reason: reason}
}
