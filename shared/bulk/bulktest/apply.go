package bulktest

import (
	"encoding/json"
	"fmt"
	"strings"
)

func (c *Cluster) apply(items []Item) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var answers []string
	for _, item := range items {
		status, kind := c.one(item)
		answer := fmt.Sprintf(`{%q:{"_index":%q,"_id":%s,"status":%d`, item.Op, item.Index, quote(item.ID), status)
		if kind != "" {
			answer += fmt.Sprintf(`,"error":{"type":%q,"reason":"said by bulktest"}`, kind)
		}
		answers = append(answers, answer+"}}")
	}
	return []byte(`{"took":1,"errors":true,"items":[` + strings.Join(answers, ",") + `]}`)
}

func (c *Cluster) one(item Item) (status int, kind string) {
	if c.Refuse != nil {
		if status, kind := c.Refuse(item); status != 0 {
			return status, kind
		}
	}
	if c.Absent != nil && c.Absent(item.Index) {
		return 404, "index_not_found_exception"
	}
	if c.docs == nil {
		c.docs = make(map[string]map[string]Document)
	}
	if c.docs[item.Index] == nil {
		c.docs[item.Index] = make(map[string]Document)
	}
	docs := c.docs[item.Index]
	old, exists := docs[item.ID]
	conflict := exists && (item.Op == "create" || item.external && (*item.version < old.Version || *item.version == old.Version && !item.ties))
	switch {
	case item.Op == "update":
		return 404, "document_missing_exception"
	case conflict:
		return 409, "version_conflict_engine_exception"
	case item.Op == "delete" && (!exists || old.Body == ""):
		docs[item.ID] = Document{Version: next(item, old)}
		return 404, ""
	}
	docs[item.ID] = Document{Version: next(item, old), Body: item.Body}
	if item.Op == "delete" {
		return 200, ""
	}
	return 201, ""
}

// next is the version after the write; a delete leaves a tombstone that has one.
func next(item Item, old Document) int64 {
	if item.external {
		return *item.version
	}
	return old.Version + 1
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

// Documents are the ids and bodies under an index or alias, without the deleted.
func (c *Cluster) Documents(index string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string]string)
	for id, d := range c.docs[index] {
		if !d.dead() {
			all[id] = d.Body
		}
	}
	return all
}

// Get is what is stored under an id, ok unless it never was or is deleted.
func (c *Cluster) Get(index, id string) (d Document, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d = c.docs[index][id]
	return d, !d.dead()
}

// Requests are all that came in.
func (c *Cluster) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Request(nil), c.requests...)
}

// All are the documents under "index/id", without the deleted.
func (c *Cluster) All() map[string]Document {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string]Document)
	for index, docs := range c.docs {
		for id, d := range docs {
			if d.Body != "" {
				all[index+"/"+id] = d
			}
		}
	}
	return all
}
