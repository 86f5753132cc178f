package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// found is an index as GET /{index} shows it, cut down to what rotation asks for.
type found struct {
	Aliases map[string]struct {
		Write  bool            `json:"is_write_index"`
		Filter json.RawMessage `json:"filter"`
	} `json:"aliases"`
	Mappings struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Meta       struct {
			Sluice json.RawMessage `json:"sluice"`
		} `json:"_meta"`
	} `json:"mappings"`
	Settings struct {
		Index struct {
			UUID     string `json:"uuid"`
			Created  string `json:"creation_date"`
			Replicas string `json:"number_of_replicas"`
			Refresh  string `json:"refresh_interval"`
			Hidden   string `json:"hidden"`
			Blocks   struct {
				ReadOnly string `json:"read_only"`
			} `json:"blocks"`
			Plugins    managed `json:"plugins"`
			Opendistro managed `json:"opendistro"`
		} `json:"index"`
	} `json:"settings"`
}

type managed struct {
	ISM struct {
		Policy string `json:"policy_id"`
	} `json:"index_state_management"`
}

const lookFilter = "*.aliases,*.mappings._meta.sluice,*.mappings.properties." + rotation.Deleted + ",*.settings.index.uuid,*.settings.index.creation_date," +
	"*.settings.index.number_of_replicas,*.settings.index.refresh_interval,*.settings.index.hidden,*.settings.index.blocks.read_only," +
	"*.settings.index.plugins.index_state_management,*.settings.index.opendistro.index_state_management"

// look lists the indices that the expressions name: also closed and hidden ones, and
// the members of an alias. What does not exist is left out.
func (c *Client) look(ctx context.Context, expressions ...string) ([]rotation.Index, error) {
	reply, err := c.Do(ctx, Call{
		Operation: "index.get", Method: http.MethodGet, Path: []string{strings.Join(expressions, ",")},
		Query:  url.Values{"ignore_unavailable": {"true"}, "expand_wildcards": {"open,closed,hidden"}, "filter_path": {lookFilter}},
		Accept: []int{http.StatusNotFound},
	})
	if err != nil || reply.Status == http.StatusNotFound {
		return nil, err
	}
	listed := map[string]found{}
	if err := decode(reply, &listed); err != nil {
		return nil, err
	}
	indices := make([]rotation.Index, 0, len(listed))
	for name, f := range listed {
		indices = append(indices, f.index(name))
	}
	return indices, nil
}

func (f found) index(name string) rotation.Index {
	s := f.Settings.Index
	replicas, _ := strconv.Atoi(s.Replicas)
	index := rotation.Index{Name: name, UUID: s.UUID, Replicas: replicas, Hidden: s.Hidden == "true", ReadOnly: s.Blocks.ReadOnly == "true",
		Refresh: s.Refresh, ISM: either(s.Plugins.ISM.Policy, s.Opendistro.ISM.Policy), Aliases: map[string]bool{}}
	if ms, err := strconv.ParseInt(s.Created, 10, 64); err == nil && ms > 0 {
		index.Created = time.UnixMilli(ms).UTC()
	}
	_ = json.Unmarshal(f.Mappings.Meta.Sluice, &index.Marker) // somebody else's _meta is no marker, and no error
	_, index.MapsDeleted = f.Mappings.Properties[rotation.Deleted]
	for alias, a := range f.Aliases {
		index.Aliases[alias] = a.Write
		if a.Filter != nil {
			index.Filtered = append(index.Filtered, alias)
		}
	}
	return index
}

// templateVersion is the stored template's version, zero if there is none.
func (c *Client) templateVersion(ctx context.Context, name string) (int64, error) {
	reply, err := c.Do(ctx, Call{
		Operation: "template.get", Method: http.MethodGet, Path: []string{"_index_template", name},
		Accept: []int{http.StatusNotFound},
	})
	if err != nil || reply.Status == http.StatusNotFound {
		return 0, err
	}
	var list struct {
		Templates []struct {
			Template struct {
				Version int64 `json:"version"`
			} `json:"index_template"`
		} `json:"index_templates"`
	}
	if err := decode(reply, &list); err != nil || len(list.Templates) == 0 {
		return 0, err
	}
	return either(list.Templates[0].Template.Version, -1), nil // -1: there is one, of no version of ours
}

// stream is the data stream of that name, nil if there is none.
func (c *Client) stream(ctx context.Context, name string) (*rotation.Stream, error) {
	reply, err := c.Do(ctx, Call{
		Operation: "datastream.get", Method: http.MethodGet, Path: []string{"_data_stream", name},
		Accept: []int{http.StatusNotFound},
	})
	if err != nil || reply.Status == http.StatusNotFound {
		return nil, err
	}
	var list struct {
		Streams []struct {
			Indices []struct {
				Name string `json:"index_name"`
			} `json:"indices"`
		} `json:"data_streams"`
	}
	if err := decode(reply, &list); err != nil || len(list.Streams) == 0 {
		return nil, err
	}
	var s rotation.Stream
	for _, index := range list.Streams[0].Indices {
		s.Write = index.Name
	}
	return &s, nil
}

func decode(reply Reply, into any) error {
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return fault.Wrap(fault.Unavailable, "OpenSearch's reply was unusable", err)
	}
	return nil
}
