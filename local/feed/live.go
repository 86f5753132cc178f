package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Live sends log lines as they come. A full buffer drops the newest line, since what
// writes them must not wait for the queue.
type Live struct {
	now   func() time.Time
	lines chan Line
}

// NewLive makes a Live with room for some thousand lines.
func NewLive(now func() time.Time) *Live {
	return &Live{now: now, lines: make(chan Line, 4096)}
}

var severity = regexp.MustCompile(`\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b`)

// Line takes one line that service wrote. Not for concurrent use of the same service name.
func (l *Live) Line(service, text string) {
	if text = strings.TrimSpace(text); text == "" || !utf8.ValidString(text) {
		return
	}
	at := l.now().UTC()
	l.offer(Line{ID: id(service, at.UnixNano(), text), Body: document(service, text, at)})
}

// Raw takes one line to be sent as it is.
func (l *Live) Raw(service, text string) {
	l.offer(Line{ID: id(service, l.now().UnixNano(), text), Body: text})
}

func (l *Live) offer(line Line) {
	select {
	case l.lines <- line:
	default:
	}
}

func document(service, text string, at time.Time) string {
	doc := struct {
		Time     string `json:"@timestamp"`
		Message  string `json:"message"`
		Service  string `json:"service.name"`
		Severity string `json:"severity_text,omitempty"`
	}{at.Format(time.RFC3339Nano), strings.Map(printable, text), service, severity.FindString(text)}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return fmt.Sprintf(`{"message":%q}`, err)
	}
	return strings.TrimSpace(out.String())
}

// printable drops the colour codes' escape and other controls.
func printable(r rune) rune {
	if r < 0x20 && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}

// Run sends what comes until ctx ends, then what is left.
func (l *Live) Run(ctx context.Context, q *Queue) {
	for {
		select {
		case line := <-l.lines:
			l.send(context.WithoutCancel(ctx), q, line)
		case <-ctx.Done():
			return
		}
	}
}

// send sends the line and those that already wait behind it.
func (l *Live) send(ctx context.Context, q *Queue, first Line) {
	batch := []Line{first}
	for len(batch) < portion {
		select {
		case next := <-l.lines:
			batch = append(batch, next)
			continue
		default:
		}
		break
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = q.Send(ctx, batch) // a lost line of a demonstration is no reason to stop it
}
