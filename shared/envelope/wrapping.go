package envelope

import (
	"bytes"
	"time"
)

// Content is one thing that a transport has wrapped, and what the wrapping says of it.
type Content struct {
	Body []byte
	// Event is the wrapping with its content, where people index that as well.
	Event []byte
	// Sole is one of several, and one document, on however many lines.
	Sole bool
	// Log is said of a log event, whose Body is its text.
	Log *Log
	// Wraps says that Body may be wrapped itself.
	Wraps bool

	Position   string    // the transport's own id of it, the same whenever it is delivered again
	Taken      time.Time // when the transport took it in; zero if not told
	Collection string    // attribute `collection`
	ID         string    // attribute `id`

	// Skip says what holds no document (a subscription's confirmation); else empty.
	Skip string
	// From is what the transport calls the origin of what is skipped.
	From string
}

// wrapping is what one transport puts around a body.
type wrapping struct {
	name string
	// first are the names that it begins with, as it is sent or sorted; mark is the end of a
	// name that it always has. Most documents are told from it by a few bytes.
	first []string
	mark  string
	open  func(body []byte) ([]Content, bool)
}

// wrappings are all there are. A new one is one file and one line.
var wrappings = [...]wrapping{
	{"cloudwatch", []string{"messageType", "owner", "logEvents"}, `logEvents"`, openCloudWatch},
	{"eventbridge", []string{"version", "account"}, `ail-type"`, openEventBridge},
	{"sns", []string{"Type", "Message"}, `picArn"`, openSNS},
}

// Unwrap takes one wrapping off, if body has one. Contents beyond Most are cut off but one.
func Unwrap(body []byte) ([]Content, bool) {
	name := firstName(body)
	if len(name) == 0 {
		return nil, false
	}
	for i := range wrappings {
		w := &wrappings[i]
		if !w.begins(name) || !bytes.Contains(body, []byte(w.mark)) {
			continue
		}
		if contents, ok := w.open(body); ok {
			return contents, true
		}
	}
	return nil, false
}

func (w *wrapping) begins(name []byte) bool {
	for _, first := range w.first {
		if string(name) == first {
			return true
		}
	}
	return false
}

// firstName is the name of an object's first member; empty if it is long, or none.
func firstName(body []byte) []byte {
	at := afterSpace(body, 0)
	if at == len(body) || body[at] != '{' {
		return nil
	}
	if at = afterSpace(body, at+1); at == len(body) || body[at] != '"' {
		return nil
	}
	rest := body[at+1:]
	end := bytes.IndexByte(rest[:min(len(rest), longestFirst)], '"')
	return rest[:max(end, 0)]
}

const longestFirst = 20

func afterSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}
