package redrive

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Key is what letters are grouped by.
type Key struct{ Type, Collection, Cause string }

// Group is letters of one kind of cause.
type Group struct {
	Key
	Count          int
	Oldest, Newest time.Time // first seen
	Attempts       int       // most
	Example        Letter    // without its message, unless bodies are wanted

	Stored, Refused, Unknown int            // by a preview
	Why                      map[string]int // of those refused or unknown
}

const (
	maxGroups  = 1000
	maxReasons = 20
)

var (
	place  = regexp.MustCompile(`^document \d+: `)
	more   = regexp.MustCompile(` \(and \d+ more\)$`)
	digits = regexp.MustCompile(`\d+`)
)

// normalised leaves out of a cause what differs between records of the same mistake.
func normalised(cause string) string {
	cause = more.ReplaceAllString(place.ReplaceAllString(cause, ""), "")
	return digits.ReplaceAllString(cause, "#")
}

// because counts a reason; OpenSearch's own begin with their type.
func (g *Group) because(kind, cause string) {
	why := normalised(cause)
	if !strings.HasPrefix(why, kind) {
		why = kind + ": " + why
	}
	if _, known := g.Why[why]; !known && len(g.Why) >= maxReasons {
		why = "other reasons"
	}
	g.Why[why]++
}

// groups are made as letters are shown.
type groups map[Key]*Group

func (g groups) add(l Letter, body bool) *Group {
	key := Key{l.Type, l.Collection, normalised(l.Cause)}
	if _, known := g[key]; !known && len(g) >= maxGroups {
		key.Cause = "(various)"
	}
	one := g[key]
	if one == nil {
		one = &Group{Key: key, Oldest: l.Seen(), Newest: l.Seen(), Example: l, Why: map[string]int{}}
		if !body {
			one.Example.Message.Body = nil
		}
		one.Example.Message.MessageAttributes = nil
		g[key] = one
	}
	one.Count++
	one.Attempts = max(one.Attempts, l.Note.Attempts)
	if seen := l.Seen(); seen.Before(one.Oldest) {
		one.Oldest = seen
	} else if seen.After(one.Newest) {
		one.Newest = seen
	}
	return one
}

// sorted has the largest first.
func (g groups) sorted() []Group {
	all := make([]Group, 0, len(g))
	for _, one := range g {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Cause, b.Cause))
	})
	return all
}

// List groups the letters in the queue. With body, an example keeps its body.
func (q Queue) List(ctx context.Context, body bool) (all []Group, rest Rest, err error) {
	found := groups{}
	rest, err = q.each(ctx, func(some []Letter) ([]Letter, error) {
		for _, l := range some {
			found.add(l, body)
		}
		return nil, nil
	})
	return found.sorted(), rest, err
}

// Body of a group's example, cut to a readable length.
func (g Group) Body() string {
	const most = 4096
	body := aws.ToString(g.Example.Message.Body)
	if len(body) > most {
		return body[:most] + "..."
	}
	return body
}
