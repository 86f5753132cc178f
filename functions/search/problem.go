package main

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/query"
)

const problemType = "application/problem+json"

// problem is RFC 9457's problem document.
type problem struct {
	Type     string    `json:"type"`
	Title    string    `json:"title"`
	Status   int       `json:"status"`
	Detail   string    `json:"detail"`
	Instance string    `json:"instance,omitempty"`
	Errors   []mistake `json:"errors,omitempty"`
	Items    []verdict `json:"items,omitempty"` // of documents that were posted
	Cost     *cost     `json:"cost,omitempty"`  // of a search that costs too much
	retry    time.Duration
}

// mistake is one thing wrong with a request, and where.
type mistake struct {
	Parameter string `json:"parameter"`
	Position  *int   `json:"position,omitempty"` // characters before it
	Detail    string `json:"detail"`
	Meant     string `json:"did_you_mean,omitempty"`
}

// problemOf tells callers of err what they may know and can do.
func problemOf(err error) problem {
	if p, ok := errors.AsType[*refusal](err); ok {
		return p.problem
	}
	kind := fault.KindOf(err)
	p := problem{Detail: fault.Message(err), retry: fault.RetryAfter(err)}
	if all, ok := errors.AsType[query.Mistakes](err); ok {
		kind, p.Detail = fault.Invalid, all.Error()
		for _, m := range all {
			one := mistake{Parameter: m.Parameter, Detail: m.Text, Meant: m.Meant}
			if m.Position >= 0 {
				one.Position = &m.Position
			}
			p.Errors = append(p.Errors, one)
		}
	}
	p.Type = "urn:sluice:problem:" + kind.String()
	p.Status = kind.Status()
	p.Title = http.StatusText(p.Status)
	if kind.Temporary() && p.retry == 0 {
		p.retry = time.Second
	}
	return p
}

// refusal is an error that is already the problem callers see.
type refusal struct{ problem }

func (r *refusal) Error() string { return r.Detail }

func refuse(status int, name, detail string) *refusal {
	return &refusal{problem{
		Type: "urn:sluice:problem:" + name, Title: http.StatusText(status), Status: status, Detail: detail,
	}}
}

func writeProblem(c *gin.Context, p problem) {
	p.Instance = c.Request.URL.EscapedPath()
	if p.retry > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(p.retry.Seconds()))))
	}
	c.Header("Cache-Control", "no-store")
	writeJSON(c, p.Status, problemType, p)
}
