package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/producer"
)

const (
	maxBody  = 10 << 20 // more than any gateway hands to Lambda
	maxItems = 10_000   // so many verdicts fit into Lambda's answer
)

// verdict is what became of one posted document.
type verdict struct {
	Position int    `json:"position"`
	Status   string `json:"status"`           // accepted, rejected (wrong as it is), or failed (send it again)
	ID       string `json:"id,omitempty"`     // empty: of the document's own fields
	Reason   string `json:"reason,omitempty"` // why not accepted
}

// postDocuments puts documents on the queue; ingest indexes them from there.
func (s *server) postDocuments(c *gin.Context) error {
	v, err := s.view(c)
	if err != nil {
		return err
	}
	if _, err := only(c); err != nil {
		return err
	}
	if s.queue == nil {
		return noQueue()
	}
	ids, err := newIdentities(v, c.Request.Header.Values("Idempotency-Key"), s.now())
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	if err := v.mayPost(); err != nil {
		return err
	}
	items, err := split(c.GetHeader("Content-Type"), body)
	if err != nil {
		return err
	}
	if len(items) > maxItems {
		return fault.New(fault.TooLarge, fmt.Sprintf("the body holds %d documents, the limit is %d: send fewer at a time", len(items), maxItems))
	}
	return answerPosted(c, s.accept(c, v, ids, items))
}

func readBody(c *gin.Context) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fault.New(fault.TooLarge, fmt.Sprintf("the body is over %d bytes: send fewer documents at a time", maxBody))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "the body cannot be read", err)
	}
	return body, nil
}

// accept sends what can be a document and gives every item's verdict at its place.
func (s *server) accept(c *gin.Context, v view, ids identities, items [][]byte) []verdict {
	verdicts := make([]verdict, len(items))
	var messages []producer.Message
	var places []int
	for i, item := range items {
		verdicts[i] = verdict{Position: i, Status: "rejected", Reason: flaw(item)}
		tenant := ""
		if verdicts[i].Reason == "" {
			tenant, verdicts[i].Reason = v.tenantOf(item)
		}
		if verdicts[i].Reason == "" {
			messages = append(messages, producer.Message{Body: forQueue(item), Collection: v.Name, ID: ids.of(tenant, i), Plain: true})
			places = append(places, i)
		}
	}
	ctx, cancel := answerable(c.Request.Context())
	defer cancel()
	for j, err := range s.queue.Send(ctx, messages) {
		i := places[j]
		switch {
		case err == nil:
			verdicts[i] = verdict{Position: i, Status: "accepted", ID: messages[j].ID}
		case fault.KindOf(err) == fault.Invalid:
			verdicts[i].Reason = fault.Message(err)
		default:
			_ = c.Error(err)
			verdicts[i].Status, verdicts[i].Reason = "failed", fault.Message(err)
		}
	}
	return verdicts
}

// answerPosted is 202 where any document was accepted.
func answerPosted(c *gin.Context, verdicts []verdict) error {
	count := map[string]int{}
	for _, v := range verdicts {
		count[v.Status]++
	}
	switch {
	case count["accepted"] > 0:
		writeJSON(c, http.StatusAccepted, "application/json", gin.H{"items": verdicts})
		return nil
	case count["failed"] > 0:
		p := problemOf(fault.New(fault.Unavailable, "the queue takes no documents: none was accepted; send them again"))
		p.Items = verdicts
		return &refusal{p}
	}
	p := refuse(http.StatusBadRequest, "invalid", "none of the documents can be accepted: "+strings.TrimSpace(verdicts[0].Reason))
	p.Items = verdicts
	return p
}
