package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/fault"
)

// maxPath is how long a search's path and query may be: OpenSearch reads 4,096 bytes of
// request line, and a proxy before it may add its own.
const maxPath = 3500

// Search sends body to the concrete indices named. Where so many are named that the path
// would be too long, they go into an _msearch of one, whose reply is unwrapped. A second
// attempt's cancel_after_time_interval is what is left of the time: no search outlives its asker.
func (c *Client) Search(ctx context.Context, indices []string, body []byte, params url.Values) (Reply, error) {
	if len(indices) == 0 {
		return Reply{}, refuse("a search must name its indices")
	}
	for _, name := range indices {
		if err := checkName(name, false); err != nil {
			return Reply{}, err
		}
	}
	x, err := c.searching(indices, body, params)
	if err != nil {
		return Reply{}, err
	}
	x.shorten = func(left time.Duration) {
		const limit = "cancel_after_time_interval"
		if given, err := time.ParseDuration(params.Get(limit)); err != nil || given <= left {
			return
		}
		shorter := maps.Clone(params)
		shorter.Set(limit, fmt.Sprintf("%dms", left.Milliseconds()))
		if again, err := c.searching(indices, body, shorter); err == nil && c.prepare(again) == nil {
			x.Call, x.path, x.payload, x.gzipped = again.Call, again.path, again.payload, again.gzipped
		}
	}
	return c.do(ctx, x)
}

func (c *Client) searching(indices []string, body []byte, params url.Values) (*exchange, error) {
	x := &exchange{Call: Call{
		Operation: "search", Method: http.MethodPost, Path: []string{strings.Join(indices, ","), "_search"},
		Query: params, Body: body, Index: summary(indices), Idempotent: true,
	}}
	if len(escape(c.base, x.Path))+1+len(params.Encode()) > maxPath {
		return x, x.multi(indices)
	}
	return x, nil
}

func summary(indices []string) string {
	if len(indices) == 1 {
		return indices[0]
	}
	return fmt.Sprintf("%s +%d", indices[0], len(indices)-1)
}

// inHeader are the search parameters that an _msearch takes in an item's header line.
var inHeader = map[string]bool{
	"allow_no_indices": true, "allow_partial_search_results": true, "cancel_after_time_interval": true,
	"ccs_minimize_roundtrips": true, "expand_wildcards": true, "ignore_unavailable": true,
	"preference": true, "request_cache": true, "routing": true, "search_type": true,
}

// inQuery are those that it takes for all items at once.
var inQuery = map[string]bool{"typed_keys": true, "rest_total_hits_as_int": true, "filter_path": true}

// multi turns a search into an _msearch of one.
func (x *exchange) multi(indices []string) error {
	header, query := map[string]any{"index": indices}, url.Values{}
	for key, values := range x.Query {
		switch {
		case len(values) == 0:
		case inHeader[key]:
			header[key] = values[0]
		case key == "filter_path":
			query.Set(key, "responses.status,responses.error,responses."+strings.ReplaceAll(values[0], ",", ",responses."))
		case inQuery[key]:
			query[key] = values
		default:
			return refuse(fmt.Sprintf("parameter %q cannot go with %d indices: put it into the search's body", key, len(indices)))
		}
	}
	line, err := json.Marshal(header)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.Write(append(line, '\n'))
	if len(x.Body) == 0 {
		x.Body = []byte("{}")
	}
	if err := json.Compact(&out, x.Body); err != nil {
		return fault.Wrap(fault.Invalid, "the search is not JSON", err)
	}
	out.WriteByte('\n')
	x.Path, x.Query, x.Body, x.unwrap = []string{"_msearch"}, query, out.Bytes(), unwrapOne
	return nil
}

// unwrapOne gives the only response of an _msearch as if it had been a search's reply.
func unwrapOne(r Reply) (Reply, error) {
	if r.Status >= 300 {
		return r, nil
	}
	var multi struct {
		Responses []json.RawMessage `json:"responses"`
	}
	var one struct {
		Status int `json:"status"`
	}
	if json.Unmarshal(r.Body, &multi) != nil || len(multi.Responses) != 1 || json.Unmarshal(multi.Responses[0], &one) != nil || one.Status < 200 {
		return Reply{}, transportFault(errNotJSON)
	}
	return Reply{Status: one.Status, Body: multi.Responses[0], Header: r.Header}, nil
}
