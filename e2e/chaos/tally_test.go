package chaos

import (
	"fmt"
	"io"
	"sync"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// tally counts by kind: how often it was injected, and how often something met it.
type tally struct {
	lock          sync.Mutex
	injected, met map[string]int
}

func (t *tally) inject(kind string) { t.add(&t.injected, kind) }
func (t *tally) meet(kind string)   { t.add(&t.met, kind) }

// strike is a kind that is met where it is injected.
func (t *tally) strike(kind string) {
	t.inject(kind)
	t.meet(kind)
}

func (t *tally) add(to *map[string]int, kind string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if *to == nil {
		*to = map[string]int{}
	}
	(*to)[kind]++
}

func (t *tally) metOf(kind string) int {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.met[kind]
}

func (t *tally) injections() (n int) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, f := range faults {
		n += t.injected[f.name]
	}
	return n
}

// meets is f, counted.
func (t *tally) meets(kind string, f faultproxy.Fault) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		t.meet(kind)
		f(x)
	}
}

// result is what came of documents or poisons.
type result struct {
	sent, lost, twice, wrong int // wrong: another body, version or class
	rightly, wrongly         int // dead-lettered
	again                    int // dead letters of one record more than one
}

// table writes what was injected and what came of it, and says what is not as it must be.
func (s *stage) table(w io.Writer, o *oracle) (bad []string) {
	row := func(name, injected, met any, r result, known bool) {
		if known {
			fmt.Fprintf(w, "| %s | %v | %v | %d | %d | %d | %d |\n", name, injected, met, r.lost, r.twice, r.rightly, r.wrongly+r.wrong)
		} else {
			fmt.Fprintf(w, "| %s | %v | %v | · | · | · | · |\n", name, injected, met)
		}
	}
	fmt.Fprintf(w, "| kind | injected | met | lost | twice | dead-lettered rightly | wrongly, or stored wrong |\n|---|--:|--:|--:|--:|--:|--:|\n")
	names := []string{}
	for _, f := range s.kinds {
		names = append(names, f.name)
	}
	for _, name := range append(names, byProducers...) {
		row(name, s.injected[name], s.met[name], result{}, false)
		if s.injected[name] == 0 || s.met[name] == 0 {
			bad = append(bad, fmt.Sprintf("%s: injected %d times, met %d times: it proves nothing", name, s.injected[name], s.met[name]))
		}
	}
	for i, p := range poisons {
		row("poison: "+p.name, s.buried[i], s.buried[i], o.poisons[i], true)
		if s.buried[i] == 0 {
			bad = append(bad, p.name+": never sent")
		}
	}
	var total result
	for _, c := range collections {
		r := o.documents[c.name]
		row("documents of "+c.name, r.sent, "", *r, true)
		total.lost, total.twice, total.wrongly = total.lost+r.lost, total.twice+r.twice, total.wrongly+r.wrongly+r.wrong
	}
	row("dead letters that nobody sent", "", "", o.others, true)
	for _, r := range append(o.poisons, o.others) {
		total.lost, total.twice = total.lost+r.lost, total.twice+r.twice
		total.rightly, total.wrongly, total.again = total.rightly+r.rightly, total.wrongly+r.wrongly, total.again+r.again
	}
	row("**in all**", "", "", total, true)
	fmt.Fprintf(w, "\n%d dead letters came again with their record.\n", total.again)
	if total.lost+total.twice+total.wrongly > 0 {
		bad = append(bad, fmt.Sprintf("%d lost, %d twice, %d wrongly dead-lettered or wrong", total.lost, total.twice, total.wrongly))
	}
	return append(bad, o.strays...)
}
