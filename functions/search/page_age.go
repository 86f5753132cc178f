package main

import (
	"fmt"
	"time"
)

// took says how long OpenSearch needed, or that it was not asked.
func (p page) took() markup {
	oldest := p.Result.completeness.Cache
	if p.Chart != nil {
		if c := p.Chart.Completeness.Cache; c != nil && (oldest == nil || c.Age > oldest.Age) {
			oldest = c
		}
	}
	if oldest == nil {
		return tag(`in %s ms`, digits(p.Result.took))
	}
	return p.age("", oldest)
}

// age says that an answer is from the cache, and leads to a new one.
func (p page) age(before markup, c *remembered) markup {
	if c == nil {
		return ""
	}
	return before + tag(`<span class="cached">answered from cache, %s old</span> <a class="anew" href="%s">Ask anew</a>`, spoken(c.Age), p.stay("anew", "1"))
}

// spoken is a length of time as people say it.
func spoken(n float64) string {
	switch {
	case n < 10:
		return fmt.Sprintf("%.1f s", n)
	case n < 600:
		return fmt.Sprintf("%.0f s", n)
	case n < 7200:
		return fmt.Sprintf("%.0f min", n/60)
	}
	return fmt.Sprintf("%.0f h", n/time.Hour.Seconds())
}
