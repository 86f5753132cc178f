package line

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/elastic/go-grok"
)

// Grok makes a format of a grok pattern, such as %{IP:client.address} %{INT:n:int}, over
// Logstash's pattern library and patterns of its own. Captures are text unless a type
// (int, long, float, double) says otherwise; the line is kept as message. As everywhere
// in grok, a pattern fits anywhere in the line: ^ and $ bind it. The error says what is
// wrong with the pattern.
func Grok(pattern string, patterns map[string]string) (Format, error) {
	if err := checkUses(pattern, patterns); err != nil {
		return nil, fmt.Errorf("grok: %w", err)
	}
	g, err := grok.NewComplete(patterns)
	if err == nil {
		err = g.Compile(pattern, true)
	}
	if err != nil {
		return nil, fmt.Errorf("grok: %s", strings.TrimSuffix(err.Error(), ": "+grok.ErrParseFailure.Error()))
	}
	if !g.HasCaptureGroups() {
		return nil, fmt.Errorf("grok: %s captures nothing: name a part of it, such as %%{IP:client.address}", pattern)
	}
	numbers := numeric(pattern, patterns)
	return func(dst, line []byte) ([]byte, bool) {
		if !utf8.Valid(line) {
			return dst, false
		}
		captured, err := g.Parse(line)
		if err != nil || len(captured) == 0 {
			return dst, false
		}
		return captures(dst, line, captured, numbers), true
	}, nil
}

var use = regexp.MustCompile(`%\{(\w+)(?::[\w+.]+(?::(?:int|long|float|double))?)?\}`)

// checkUses refuses what the library would not: it takes a use that it cannot read for text,
// which never fits, and a pattern that uses itself has it grow without end.
func checkUses(pattern string, patterns map[string]string, within ...string) error {
	uses := use.FindAllStringSubmatch(pattern, -1)
	if len(uses) != strings.Count(pattern, "%{") {
		return fmt.Errorf("%s: write %%{PATTERN}, %%{PATTERN:name} or %%{PATTERN:name:type}, a name of letters, digits, _ and dots, a type of int, long, float, double", pattern)
	}
	for _, m := range uses {
		if slices.Contains(within, m[1]) {
			return fmt.Errorf("the pattern %s uses itself", m[1])
		}
		if err := checkUses(patterns[m[1]], patterns, append(within, m[1])...); err != nil {
			return err
		}
	}
	return nil
}

func captures(dst, line []byte, captured map[string][]byte, numbers map[string]bool) []byte {
	e := begin(dst, time.Time{})
	for _, name := range slices.Sorted(maps.Keys(captured)) {
		switch value := captured[name]; {
		case name == "message":
			line = value
		case numbers[name] && isNumber(value):
			e.number(name, value)
		default:
			e.text(name, value)
		}
	}
	return e.end(line)
}

var typed = regexp.MustCompile(`%\{\w+:([\w+.]+):(?:int|long|float|double)\}`)

// numeric are the names that a pattern, or one it may use, says are numbers.
func numeric(pattern string, patterns map[string]string) map[string]bool {
	numbers := map[string]bool{}
	for _, text := range append(slices.Collect(maps.Values(patterns)), pattern) {
		for _, m := range typed.FindAllStringSubmatch(text, -1) {
			numbers[m[1]] = true
		}
	}
	return numbers
}
