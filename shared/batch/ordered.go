package batch

import "strings"

// Ordered reports only the failed record with the lowest sequence number: a stream,
// which continues from there, so that all later records come again.
func Ordered(records []Record) []string {
	lowest := make([]string, 0, 1)
	for _, r := range records {
		if r.Failed && (len(lowest) == 0 || less(r.ID, lowest[0])) {
			lowest = append(lowest[:0], r.ID)
		}
	}
	return lowest
}

// less compares decimals of any length.
func less(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
