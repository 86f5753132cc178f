package bulk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// maxReason bounds what is kept of a server's explanation.
const maxReason = 1024

// readReply reads a _bulk reply: one answer an item, in order. A reply that is not
// whole is an error, whatever could be read of it. The ids that were sent, in their
// order, spare making those of the reply anew.
func readReply(reply []byte, sent ...string) ([]answer, error) {
	answers := make([]answer, 0, len(sent)+1)
	var r raw.Reader
	r.Lenient(reply)
	seen := false
	err := r.Object(func(name []byte) error {
		if string(name) != "items" || seen {
			return r.Skip()
		}
		seen = true
		return r.Array(func() error {
			expected := ""
			if len(answers) < len(sent) {
				expected = sent[len(answers)]
			}
			answer, err := readItem(&r, expected)
			answers = append(answers, answer)
			return err
		})
	})
	if err == nil {
		err = r.End()
	}
	if err == nil && !seen {
		err = errors.New("no items")
	}
	if err != nil {
		return nil, fmt.Errorf("bulk reply: %w", err)
	}
	return answers, nil
}

// took is how long OpenSearch says that it worked on a request; it says so first.
func took(reply []byte) (d time.Duration) {
	var r raw.Reader
	r.Lenient(reply)
	_ = r.Object(func(name []byte) error {
		if string(name) != "took" {
			return errEnough
		}
		ms, err := readInt(&r)
		d = time.Duration(ms) * time.Millisecond
		return errors.Join(err, errEnough) // whatever it was, the rest is not read
	})
	return d
}

var errEnough = errors.New("bulk reply: read no further")

func readItem(r *raw.Reader, expected string) (answer, error) {
	var a answer
	err := r.Object(func(op []byte) error {
		if a.Op != "" {
			return errors.New("two actions in one item")
		}
		a.Op = action(op)
		return r.Object(func(name []byte) (err error) {
			switch string(name) {
			case "_id":
				a.ID, err = readKnown(r, expected)
			case "status":
				a.Status, err = readInt(r)
			case "error":
				err = readError(r, &a)
			default:
				err = r.Skip()
			}
			return err
		})
	})
	return a, err
}

// action spares a string for each item.
func action(op []byte) string {
	switch string(op) {
	case "create":
		return "create"
	case "index":
		return "index"
	case "delete":
		return "delete"
	}
	return string(op)
}

// readError reads {"type", "reason", "caused_by": {...}}; a cause's reason, which says
// more, is appended. Old servers answer a bare string.
func readError(r *raw.Reader, a *answer) (err error) {
	if r.Kind() != raw.Object {
		a.Reason, err = readText(r)
		return err
	}
	var cause answer
	err = r.Object(func(name []byte) (err error) {
		switch string(name) {
		case "type":
			a.Type, err = readText(r)
		case "reason":
			a.Reason, err = readText(r)
		case "caused_by":
			err = readError(r, &cause)
		default:
			err = r.Skip()
		}
		return err
	})
	if cause.Reason != "" {
		a.Reason += ": " + cause.Reason
	}
	if len(a.Reason) > maxReason {
		a.Reason = strings.ToValidUTF8(a.Reason[:maxReason], "")
	}
	return err
}

func readText(r *raw.Reader) (string, error) { return readKnown(r, "") }

// readKnown reads a string that is mostly the expected one, which is not made anew then.
func readKnown(r *raw.Reader, expected string) (string, error) {
	kind := r.Kind()
	value, err := r.Value()
	if err != nil || kind != raw.String {
		return "", err
	}
	if text := raw.Text(value); string(text) != expected {
		return string(text), nil
	}
	return expected, nil
}

func readInt(r *raw.Reader) (int, error) {
	value, err := r.Value()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(value))
}

// requestError reads the reply to a request that was refused whole; ok only if it is
// OpenSearch's own error, and not, say, a proxy's page.
func requestError(status int, reply []byte) (a answer, ok bool) {
	a.Status = status
	var r raw.Reader
	r.Lenient(reply)
	err := r.Object(func(name []byte) error {
		if string(name) != "error" {
			return r.Skip()
		}
		return readError(&r, &a)
	})
	return a, err == nil && a.Type != ""
}
