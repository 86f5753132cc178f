package query

import (
	"slices"
	"strings"
	"time"
)

// unordered are the types without ranges. What is in a flat_object is text, of which 9
// comes behind 10.
var unordered = []string{"text", "boolean", "flat_object"}

func (c *compiler) between(n Range) object {
	f, ok := c.field(n.Field)
	if !ok {
		return nil
	}
	switch {
	case f.Unsearchable:
		c.add(wrong(n.Field.At, "%s is not indexed, so it cannot be searched", n.Field.Text))
		return nil
	case slices.Contains(unordered, f.Type):
		c.add(wrong(n.Field.At, "%s (%s) has no order: ranges are for numbers, dates, addresses and keywords", n.Field.Text, f.Type))
		return nil
	case f.Type == "date":
		return c.betweenDates(n)
	}
	bounds := object{}
	for _, b := range []struct {
		*Bound
		inclusive, exclusive string
	}{{n.Lo, "gte", "gt"}, {n.Hi, "lte", "lt"}} {
		if b.Bound == nil {
			continue
		}
		value, m := rangeLiteral(n.Field.Text, f, b.Text)
		if m != nil {
			m.Position = b.At
			c.add(m)
		}
		name := b.exclusive
		if b.Inclusive {
			name = b.inclusive
		}
		if bounds[name] = value; zero(f.Type, b.Text) {
			bounds[name] = zeros[name]
		}
	}
	return object{"range": object{n.Field.Text: bounds}}
}

func rangeLiteral(name string, f Field, text string) (any, *Mistake) {
	if f.Type == "ip" && strings.Contains(text, "/") {
		return nil, wrong(-1, "a bound of %s (ip) is one address; %s:%s finds the block", name, name, text)
	}
	return literal(name, f.Type, text)
}

// betweenDates makes every range half-open: a bound stands for all of its day (minute,
// ...), so that an inclusive end takes the whole of it in.
func (c *compiler) betweenDates(n Range) object {
	read := func(b *Bound, inclusive, exclusive func(moment) time.Time) *time.Time {
		if b == nil {
			return nil
		}
		m, err := readMoment(b.Text, c.now)
		if err != nil {
			err.Position = b.At
			c.add(err)
		}
		t := exclusive(m)
		if b.Inclusive {
			t = inclusive(m)
		}
		return &t
	}
	start := func(m moment) time.Time { return m.start }
	end := func(m moment) time.Time { return m.end }
	return dates(n.Field.Text, read(n.Lo, start, end), read(n.Hi, end, start))
}

func dates(field string, from, to *time.Time) object {
	bounds := object{"format": "strict_date_optional_time"}
	if from != nil {
		bounds["gte"] = stamp(*from)
	}
	if to != nil {
		bounds["lt"] = stamp(*to)
	}
	return object{"range": object{field: bounds}}
}
