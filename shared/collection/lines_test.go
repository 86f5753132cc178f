package collection

import (
	"errors"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/mapping"
)

func lined(names ...string) *Collection {
	return &Collection{
		Name: "logs", AppendOnly: true, Lines: names,
		Grok: map[string]string{"door": "^%{WHO} opened door %{INT:door:int}$", "WHO": "%{WORD:user.name}"},
	}
}

func TestTheFirstFormatThatFitsReadsALine(t *testing.T) {
	d := NewDocuments(lined("vpcflow", "cloudtrail", "door", "logfmt", "text"))
	for line, want := range map[string]string{
		"ada opened door 7":        `{"door":7,"user.name":"ada","message":"ada opened door 7"}`,
		"a=b":                      `{"message":"a=b","attributes":{"a":"b"}}`,
		"ada opened the door":      `{"message":"ada opened the door"}`,
		`{"a":"is JSON as it is"}`: `{"a":"is JSON as it is"}`,
		`{"eventVersion":"1.08","eventTime":"2024-01-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","requestParameters":{"x":[1]}}`: `{"@timestamp":"2024-01-01T10:00:00Z","event.name":"GetObject","message":"{\"eventVersion\":\"1.08\",\"eventTime\":\"2024-01-01T10:00:00Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"requestParameters\":{\"x\":[1]}}","attributes":{"eventVersion":"1.08","eventSource":"s3.amazonaws.com"}}`,
	} {
		got, err := d.Change(message, Sole, []byte(line))
		if err != nil || string(got.Body) != want {
			t.Errorf("%s: %v %s", line, err, got.Body)
		}
	}
}

func TestAHeadingOfAFileIsNoDocument(t *testing.T) {
	d := NewDocuments(lined("vpcflow", "text"))
	heading := "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
	if c, err := d.Change(message, 0, []byte(heading)); !errors.Is(err, ErrHeading) {
		t.Errorf("%v %s", err, c.Body)
	}
}

func TestRulesAreForWhatALineOfJSONBecomes(t *testing.T) {
	c := lined("cloudtrail")
	c.Mapping = []mapping.Rules{{Drop: []string{"message", "attributes"}, Rename: map[string]string{"event.name": "action"}}}
	got, err := NewDocuments(c).Change(message, Sole,
		[]byte(`{"eventVersion":"1.08","eventTime":"2024-01-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}`))
	if want := `{"@timestamp":"2024-01-01T10:00:00Z","action":"GetObject"}`; err != nil || string(got.Body) != want {
		t.Errorf("%v %s", err, got.Body)
	}
}

func TestALineThatNoFormatTakesIsAFlaw(t *testing.T) {
	if _, err := NewDocuments(lined("door")).Change(message, Sole, []byte("hello")); err == nil || !strings.Contains(err.Error(), "JSON") {
		t.Error(err)
	}
}
