package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// shape is what of an index decides whether it takes a document.
type shape struct {
	Settings struct {
		Index map[string]json.RawMessage `json:"index"`
	} `json:"settings"`
	Mappings map[string]json.RawMessage            `json:"mappings"`
	Aliases  map[string]map[string]json.RawMessage `json:"aliases,omitempty"`
}

// definition is the body that makes target's copy.
func (c *copies) definition(ctx context.Context, target rotation.Target, template rotation.Template) ([]byte, error) {
	s, found, err := c.live(ctx, target.Name)
	if err != nil {
		return nil, err
	}
	if !found {
		if err := json.Unmarshal(template.Create, &s); err != nil {
			return nil, fault.Wrap(fault.Internal, "the template of "+template.Collection+" is not JSON", err)
		}
	}
	s.Aliases = nil
	delete(s.Mappings, "_meta") // the marker: a copy is nobody's
	maps.DeleteFunc(s.Settings.Index, func(name string, _ json.RawMessage) bool {
		first, _, _ := strings.Cut(name, ".")
		return !slices.Contains(decisive, first)
	})
	if s.Settings.Index == nil {
		s.Settings.Index = map[string]json.RawMessage{}
	}
	// No pipeline: it could lead a document elsewhere.
	for name, value := range map[string]string{"number_of_shards": "1", "number_of_replicas": "0", "default_pipeline": `"_none"`, "final_pipeline": `"_none"`} {
		s.Settings.Index[name] = json.RawMessage(value)
	}
	body, err := json.Marshal(s)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the copy of "+target.Name+" cannot be written", err)
	}
	return body, nil
}

// decisive are the settings that may decide whether a document is taken.
var decisive = []string{"analysis", "mapping", "similarity", "knn", "max_ngram_diff", "max_shingle_diff"}

// live is the index behind name that is written to: of a data stream's the last one,
// of an alias's the one that says so.
func (c *copies) live(ctx context.Context, name string) (s shape, found bool, err error) {
	reply, err := c.cluster.Do(ctx, client.Call{Operation: "preview.look", Method: http.MethodGet, Path: []string{name}, Accept: []int{http.StatusNotFound}})
	if err != nil || reply.Status == http.StatusNotFound {
		return s, false, err
	}
	all := map[string]shape{}
	if err := json.Unmarshal(reply.Body, &all); err != nil {
		return s, false, fault.Wrap(fault.Unavailable, "OpenSearch's reply was unusable", err)
	}
	for _, index := range slices.Sorted(maps.Keys(all)) { // numbers of generations have leading zeros
		s, found = all[index], true
		if string(s.Aliases[name]["is_write_index"]) == "true" {
			break
		}
	}
	return s, found, nil
}
