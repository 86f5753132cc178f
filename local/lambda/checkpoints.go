package lambda

import (
	"maps"
	"sync"
)

// Checkpoints hold how far each shard has been read. The zero value is empty; a mapping
// that is given another's Checkpoints goes on where that one stopped.
type Checkpoints struct {
	mu sync.Mutex
	at map[string]string
}

// shardEnd in place of a sequence number: read to its end, children may start.
const shardEnd = "SHARD_END"

// All is a copy: shard id to the last sequence number done, or SHARD_END.
func (c *Checkpoints) All() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.at)
}

func (c *Checkpoints) get(shard string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[shard]
}

func (c *Checkpoints) set(shard, at string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[string]string{}
	}
	c.at[shard] = at
}
