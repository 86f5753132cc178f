package rotation

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// forever is the retention of an index that is never deleted. It is the zero
// value, so that a retention that was lost on the way deletes nothing.
const forever time.Duration = 0

const day = 24 * time.Hour

// longest is the longest duration that means anything here: a century.
const longest = 36500 * day

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day}

// parseRetention reads 12h, 30d, 8w or forever. Minutes are refused: "3m" is taken
// for three months too easily.
func parseRetention(text string) (time.Duration, error) {
	const how = "write a number and h, d or w, for example 30d, or the word forever"
	if text == "forever" {
		return forever, nil
	}
	d, unit, err := parse(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w; %s", err, how)
	case unit == "s" || unit == "m":
		return 0, fmt.Errorf("%q: the unit %s is too short for a retention; %s", text, unit, how)
	}
	return d, nil
}

// ParseDuration reads 90s, 15m, 12h, 30d or 8w.
func ParseDuration(text string) (time.Duration, error) {
	d, _, err := parse(text)
	if err != nil {
		return 0, fmt.Errorf("%w; write a number and s, m, h, d or w, for example 1h", err)
	}
	return d, nil
}

func parse(text string) (d time.Duration, unit string, err error) {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit = text[len(digits):]
	n, err := strconv.ParseInt(digits, 10, 64)
	size, known := units[unit]
	switch {
	case text == "":
		return 0, "", fmt.Errorf("nothing is given")
	case err != nil:
		return 0, "", fmt.Errorf("%q is not a duration", text)
	case n <= 0:
		return 0, "", fmt.Errorf("%q is not more than zero", text)
	case unit == "":
		return 0, "", fmt.Errorf("%q has no unit", text)
	case !known:
		return 0, "", fmt.Errorf("%q: there is no unit %s", text, unit)
	case n > int64(longest/size):
		return 0, "", fmt.Errorf("%q is more than a hundred years", text)
	}
	return time.Duration(n) * size, unit, nil
}

var sizes = []struct {
	unit string
	size int64
}{{"tb", 1 << 40}, {"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"b", 1}}

// parseSize reads 500mb or 30gb, in OpenSearch's units of 1024.
func parseSize(text string) (int64, error) {
	for _, s := range sizes {
		digits, ok := strings.CutSuffix(text, s.unit)
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n > 0 && n <= (1<<60)/s.size {
			return n * s.size, nil
		}
		break
	}
	return 0, fmt.Errorf("%q is not a size; write a number and b, kb, mb, gb or tb, for example 30gb", text)
}

// describe writes a duration as a collection's file does.
func describe(d time.Duration) string {
	switch {
	case d == forever:
		return "forever"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}
