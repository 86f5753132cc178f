package faultproxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Pass is no fault: the request goes to the real server and its answer comes back.
func Pass(x *Exchange) {
	status, header, reply, err := x.Forward(x.Body)
	if err != nil {
		ResetBefore(x)
		return
	}
	for _, name := range []string{"Location", "Retry-After", "Warning"} {
		if v := header.Get(name); v != "" {
			x.w.Header().Set(name, v)
		}
	}
	x.Answer(status, header.Get("Content-Type"), reply)
}

// ResetBefore cuts the connection (RST); the server never saw the request.
func ResetBefore(x *Exchange) {
	if c, err := x.conn(); err == nil {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

// ResetAfter lets the server do the work, then cuts the connection (RST).
func ResetAfter(x *Exchange) {
	_, _, _, _ = x.Forward(x.Body)
	ResetBefore(x)
}

// Hang lets the server do the work and answers only after d, or never if the caller gives up first.
func Hang(d time.Duration) Fault {
	return func(x *Exchange) {
		status, header, reply, err := x.Forward(x.Body)
		select {
		case <-time.After(d):
		case <-x.ctx.Done():
			return
		}
		if err != nil {
			ResetBefore(x)
			return
		}
		x.Answer(status, header.Get("Content-Type"), reply)
	}
}

// HangBefore keeps the request from the server and never answers within d.
func HangBefore(d time.Duration) Fault {
	return func(x *Exchange) {
		select {
		case <-time.After(d):
		case <-x.ctx.Done():
		}
		ResetBefore(x)
	}
}

// Truncate lets the server do the work and sends the first half of its answer,
// promising the whole length.
func Truncate(x *Exchange) {
	status, header, reply, err := x.Forward(x.Body)
	if err != nil {
		ResetBefore(x)
		return
	}
	c, err := x.conn()
	if err != nil {
		return
	}
	fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", //nolint:errcheck // the fault is the point
		status, http.StatusText(status), header.Get("Content-Type"), len(reply))
	_, _ = c.Write(reply[:len(reply)/2])
	_ = c.Close()
}

// Status answers status with an OpenSearch-like error; the server never saw the request.
func Status(status int, errorType, reason string) Fault {
	return func(x *Exchange) {
		body, _ := json.Marshal(map[string]any{"status": status, "error": map[string]any{
			"type": errorType, "reason": reason,
			"root_cause": []any{map[string]any{"type": errorType, "reason": reason}}}})
		x.Answer(status, "application/json; charset=UTF-8", body)
	}
}

// StatusAfter lets the server do the work, then answers status: a gateway that lost the reply.
func StatusAfter(status int) Fault {
	return func(x *Exchange) {
		_, _, _, _ = x.Forward(x.Body)
		x.Answer(status, "text/html", []byte("<html><body>gateway</body></html>"))
	}
}

// HTML answers 200 with a page; the server never saw the request.
func HTML(x *Exchange) {
	x.Answer(http.StatusOK, "text/html", []byte("<!DOCTYPE html><html><body>Sign in</body></html>"))
}

// Empty answers status with no body at all.
func Empty(status int) Fault {
	return func(x *Exchange) { x.w.WriteHeader(status) }
}

// Short lets the server do the work and drops the last item of a bulk answer.
func Short(x *Exchange) {
	status, _, reply, err := x.Forward(x.Body)
	if err != nil {
		ResetBefore(x)
		return
	}
	var bulk struct {
		Took   int               `json:"took"`
		Errors bool              `json:"errors"`
		Items  []json.RawMessage `json:"items"`
	}
	if json.Unmarshal(reply, &bulk) == nil && len(bulk.Items) > 0 {
		bulk.Items = bulk.Items[:len(bulk.Items)-1]
		reply, _ = json.Marshal(bulk)
	}
	x.Answer(status, "application/json", reply)
}

// Item is one item of a bulk request.
type Item struct {
	Action string // create, index, delete
	Meta   []byte // the action line
	Doc    []byte // the document line; nil for delete
}

// ItemError is what the answer says of an item that the proxy kept from the server.
type ItemError struct {
	Status int
	Type   string
	Reason string
}

// Items answers chosen items itself and lets the real server judge the others.
func Items(refuse func(Item) *ItemError) Fault {
	return func(x *Exchange) {
		items := split(x.Body)
		answers := make([]json.RawMessage, len(items))
		var rest bytes.Buffer
		for i, it := range items {
			if e := refuse(it); e != nil {
				answers[i] = e.answer(it)
				continue
			}
			rest.Write(it.Meta)
			rest.WriteByte('\n')
			if it.Doc != nil {
				rest.Write(it.Doc)
				rest.WriteByte('\n')
			}
		}
		if rest.Len() > 0 && !x.merge(rest.Bytes(), answers) {
			return
		}
		body, _ := json.Marshal(map[string]any{"took": 1, "errors": true, "items": answers})
		x.Answer(http.StatusOK, "application/json", body)
	}
}

// merge forwards what was not refused and fills its answers in.
func (x *Exchange) merge(rest []byte, answers []json.RawMessage) bool {
	status, header, reply, err := x.Forward(rest)
	var bulk struct {
		Items []json.RawMessage `json:"items"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(reply, &bulk) != nil {
		x.Answer(max(status, http.StatusBadGateway), header.Get("Content-Type"), reply)
		return false
	}
	for i := range answers {
		if answers[i] == nil {
			answers[i], bulk.Items = bulk.Items[0], bulk.Items[1:]
		}
	}
	return true
}

func (e *ItemError) answer(it Item) json.RawMessage {
	var meta map[string]map[string]any
	_ = json.Unmarshal(it.Meta, &meta)
	out, _ := json.Marshal(map[string]any{it.Action: map[string]any{
		"_index": meta[it.Action]["_index"], "_id": meta[it.Action]["_id"], "status": e.Status,
		"error": map[string]any{"type": e.Type, "reason": e.Reason}}})
	return out
}

func split(body []byte) []Item {
	var items []Item
	lines := bytes.Split(bytes.TrimRight(body, "\n"), []byte("\n"))
	for i := 0; i < len(lines); i++ {
		var meta map[string]json.RawMessage
		if json.Unmarshal(lines[i], &meta) != nil {
			continue
		}
		it := Item{Meta: lines[i]}
		for action := range meta {
			it.Action = action
		}
		if it.Action != "delete" && i+1 < len(lines) {
			i++
			it.Doc = lines[i]
		}
		items = append(items, it)
	}
	return items
}
