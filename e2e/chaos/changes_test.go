package chaos

import (
	"context"
)

// entityChange names one version of an entity.
type entityChange struct{ n, version int }

// produceChanges sends the changes of entities, mixed over forty of them, some twice.
// One in eight first versions comes late, when those of a quarter of all entities were
// sent since.
func (s *stage) produceChanges(ctx context.Context) {
	const block = 40
	out, entities := outbox{stage: s}, s.count["account"]
	var old []entityChange
	for first := 0; first < entities && ctx.Err() == nil; first += block {
		var now []entityChange
		for n := first; n < min(first+block, entities); n++ {
			for v := 1; v <= s.versions(n); v++ {
				switch c := (entityChange{n, v}); {
				case v == 1 && v < s.versions(n) && s.random("account", "late", n)%8 == 0:
					old = append(old, c)
				default:
					now = append(now, c)
				}
			}
		}
		s.sendChanges(ctx, &out, first, now)
		for len(old) > 0 && old[0].n < first-entities/4 {
			s.strike(late)
			s.sendChanges(ctx, &out, 0, old[:1])
			old = old[1:]
		}
	}
	s.sendChanges(ctx, &out, 0, old)
	out.flush(ctx)
}

func (s *stage) sendChanges(ctx context.Context, out *outbox, block int, changes []entityChange) {
	for _, i := range s.shuffled("account", block, len(changes)) {
		c := changes[i]
		s.pace(ctx, 1)
		for range s.copies("account", c.n*8+c.version) {
			out.add(ctx, "account", "", s.change(c.n, c.version))
		}
	}
}
