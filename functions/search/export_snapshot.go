package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/client"
	"github.com/sluice-dev/sluice/shared/fault"
)

// missingContext is what OpenSearch calls a point in time that it does not have.
const missingContext = "search_context_missing_exception"

var errLost = errors.New("the point in time is gone")

// mostNames is how long the names of indices may be in the path of a request.
const mostNames = 3000

// open takes a point in time, if there is none yet and can be one. Its request names all
// indices in the path, which has no room for many, and is refused where none of them exists.
func (p *pages) open(ctx context.Context) error {
	names := strings.Join(p.where.names, ",")
	if p.none = p.none || len(url.PathEscape(names)) > mostNames; p.none || p.pit != "" {
		p.went = p.went || p.none
		return nil
	}
	reply, err := p.opensearch.Do(ctx, client.Call{
		Operation: "export.open", Method: http.MethodPost, Path: []string{names, "_search", "point_in_time"}, Index: p.view.Name, Idempotent: true,
		Query: url.Values{"keep_alive": {seconds(p.keep)}, "allow_partial_pit_creation": {"false"}, "ignore_unavailable": {"true"}},
	})
	if fault.KindOf(err) == fault.Invalid {
		p.none, p.went = true, true
		return nil
	}
	if err != nil {
		return err
	}
	var opened struct {
		PIT string `json:"pit_id"`
	}
	if err := json.Unmarshal(reply.Body, &opened); err != nil || opened.PIT == "" {
		return unreadable(errors.Join(err, errors.New("no pit_id in the reply")))
	}
	p.pit = opened.PIT
	return nil
}

// lost takes note of a point in time that is gone: after a restart of its node, or too
// long a pause. Its export goes on under another one only where that leaves nothing out.
func (p *pages) lost(err error) error {
	if p.pit == "" || !errors.Is(err, errLost) && client.FailureType(err) != missingContext && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if p.read && !p.view.schema.Stable() {
		return fault.Wrap(fault.Conflict, "the snapshot is lost, and this collection's documents may have changed their place since: begin the export again", errLost)
	}
	p.pit, p.went = "", p.went || p.read
	return fault.Wrap(fault.Unavailable, "OpenSearch has lost the snapshot of this export", err)
}

// close gives the point in time back; it ends by itself where that fails.
func (p *pages) close(ctx context.Context) {
	if p.pit == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	body, _ := json.Marshal(map[string][]string{"pit_id": {p.pit}})
	_, err := p.opensearch.Do(ctx, client.Call{
		Operation: "export.close", Method: http.MethodDelete, Path: []string{"_search", "point_in_time"}, Body: body,
		Idempotent: true, Accept: []int{http.StatusNotFound},
	})
	if err != nil {
		p.log.WarnContext(ctx, "point in time not closed", "error", err)
	}
	p.pit = ""
}

func (p *pages) consistency() string {
	if p.went {
		return "as it went"
	}
	return "snapshot"
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) + "s" }
