package client

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sluice-dev/sluice/shared/fault"
)

const maxID = 512 // bytes of a document id, OpenSearch's own limit

// escape makes the path as it is sent: every segment stays one segment.
func escape(base *url.URL, segments []string) string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(base.EscapedPath(), "/"))
	for _, s := range segments {
		b.WriteByte('/')
		writeSegment(&b, s)
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

func writeSegment(b *strings.Builder, s string) {
	if s == "." || s == ".." { // a proxy would resolve it
		b.WriteString(strings.ReplaceAll(s, ".", "%2E"))
		return
	}
	for _, c := range []byte(s) {
		if unreserved(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, "%%%02X", c)
		}
	}
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0
}

// guard refuses what must not leave.
func guard(method string, path []string) error {
	if slices.Contains(path, "") {
		return refuse("a part of the path is empty: name the index and the document")
	}
	destroys := method == http.MethodDelete || slices.Contains(path, "_delete_by_query")
	if destroys {
		if err := guardDelete(path); err != nil {
			return err
		}
	}
	if len(path) == 0 {
		if method == http.MethodGet || method == http.MethodHead {
			return nil
		}
		return refuse("the path is empty")
	}
	if !strings.HasPrefix(path[0], "_") {
		for name := range strings.SplitSeq(path[0], ",") {
			if err := checkName(name, !destroys); err != nil {
				return err
			}
		}
	}
	if len(path) == 3 && isDocument(path[1]) && len(path[2]) > maxID {
		return refuse(fmt.Sprintf("the document id has %d bytes, the limit is %d", len(path[2]), maxID))
	}
	return nil
}

// guardDelete wants every segment to name one thing; a document's id may be anything.
func guardDelete(path []string) error {
	if len(path) == 0 {
		return refuse("a delete must name what it deletes")
	}
	explicit := path
	if len(path) == 3 && isDocument(path[1]) {
		explicit = path[:1]
	}
	for _, s := range explicit {
		if s == "_all" || strings.ContainsAny(s, "*,") {
			return refuse("a delete must name one thing exactly, not a list, a wildcard or _all")
		}
	}
	return nil
}

func isDocument(segment string) bool { return segment == "_doc" || segment == "_create" }

// checkName applies OpenSearch's own rules for index names.
func checkName(name string, wildcard bool) error {
	forbidden := `\/?"<>| ,#:`
	if !wildcard {
		forbidden += "*"
	}
	switch {
	case name == "" || name == "." || name == ".." || len(name) > 255,
		strings.ContainsAny(name, forbidden),
		strings.ContainsAny(name[:1], "-_+"),
		strings.ToLower(name) != name:
		return refuse(fmt.Sprintf("%.64q is not an index name", name))
	}
	return nil
}

func refuse(why string) error { return fault.New(fault.Invalid, why) }
