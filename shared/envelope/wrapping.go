package envelope

import (
	"bytes"
	"time"
)

// Content is one thing that a transport has wrapped, and what the wrapping says of it.
type Content struct {
	Body []byte
	// Sole is one of several, and one document, on however many lines.
	Sole bool
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
	// first are the names that it may begin with, mark the end of a name that it always
	// has: most documents are told from it by a few bytes.
	first []string
	mark  string
	open  func(body []byte) ([]Content, bool)
}

// wrappings are all there are. A new one is one file and one line.
var wrappings = [...]wrapping{
	{"sns", []string{"Type", "MessageId", "TopicArn", "Message"}, `picArn"`, openSNS},
}

// Unwrap takes one wrapping off, if body has one.
func Unwrap(body []byte) ([]Content, bool) {
	name := firstName(body)
	if len(name) == 0 {
		return nil, false
	}
	for i := range wrappings {
		w := &wrappings[i]
		for _, first := range w.first {
			if string(name) != first {
				continue
			}
			if bytes.Contains(body, []byte(w.mark)) {
				if contents, ok := w.open(body); ok {
					return contents, true
				}
			}
			break
		}
	}
	return nil, false
}

// firstName is the name of an object's first member; empty if it is long, or none.
func firstName(body []byte) []byte {
	rest, ok := bytes.CutPrefix(leading(body), []byte("{"))
	if !ok {
		return nil
	}
	if rest, ok = bytes.CutPrefix(leading(rest), []byte(`"`)); !ok {
		return nil
	}
	end := bytes.IndexByte(rest[:min(len(rest), longestFirst)], '"')
	return rest[:max(end, 0)]
}

const longestFirst = 20

// leading is text without the white space before it.
func leading(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n") }
