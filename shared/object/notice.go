package object

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/raw"
)

// Notice is an object that a notification tells of.
type Notice struct {
	Bucket  string
	Key     string
	Version string // empty in a bucket without versions
	ETag    string // empty if not told
	Size    int64  // -1 if not told
	// Body is a notification of this object alone.
	Body []byte
}

// Notification is what S3 says of objects.
type Notification struct {
	Created []Notice
	// Others are the events that bring no object: removals, restorations, S3's test.
	Others int
}

// Notified reads body if it is a notification of S3 or, of EventBridge, one about S3.
func Notified(body []byte) (n Notification, ok bool) {
	if !likely(body) {
		return n, false
	}
	m := members(body)
	switch {
	case m["Event"] == "s3:TestEvent" && m["Service"] == "Amazon S3":
		return Notification{Others: 1}, true
	case m["source"] == "aws.s3" && m["detail-type"] != "":
		return bridged(body, m["detail-type"])
	case m["Records"] == array:
		return recorded(body, len(m) == 1)
	}
	return n, false
}

// likely tells nearly every document from a notification without reading it.
func likely(body []byte) bool {
	if len(body) < len(`{"Records":[]}`)*4 && bytes.Contains(body, []byte(`"Records"`)) {
		return true
	}
	for _, mark := range [...]string{`"aws:s3"`, `"aws.s3"`, `"s3:TestEvent"`} {
		if bytes.Contains(body, []byte(mark)) {
			return true
		}
	}
	return false
}

const array = "["

// members are an object's text members, and its arrays as a bracket; nil if body is none.
func members(body []byte) map[string]string {
	var r raw.Reader
	r.Lenient(body)
	if r.Kind() != raw.Object {
		return nil
	}
	all := map[string]string{}
	err := r.Object(func(name []byte) error {
		kind := r.Kind()
		value, err := r.Value()
		switch kind {
		case raw.String:
			all[string(name)] = string(raw.Text(value))
		case raw.Array:
			all[string(name)] = array
		default:
			all[string(name)] = ""
		}
		return err
	})
	if err != nil || r.End() != nil {
		return nil
	}
	return all
}

// recorded reads {"Records": [{"eventSource": "aws:s3", "eventName", "s3": {...}}]}. An
// empty list is a notification if the body holds nothing else.
func recorded(body []byte, alone bool) (n Notification, ok bool) {
	ours, others := 0, 0
	err := each(body, func(element []byte) {
		e, isS3 := readRecord(element)
		switch {
		case !isS3:
			others++
		case !e.created():
			n.Others++
			ours++
		default:
			e.Body = append(append([]byte(`{"Records":[`), element...), "]}"...)
			n.Created = append(n.Created, e.Notice)
			ours++
		}
	})
	if ours == 0 && others == 0 && alone {
		n.Others = 1
		return n, err == nil
	}
	return n, err == nil && ours > 0 && others == 0
}

func each(body []byte, visit func(element []byte)) error {
	var r raw.Reader
	r.Lenient(body)
	return r.Object(func(name []byte) error {
		if string(name) != "Records" {
			return r.Skip()
		}
		return r.Array(func() error {
			element, err := r.Value()
			if err == nil {
				visit(element)
			}
			return err
		})
	})
}

// happening is one event of a notification.
type happening struct {
	Notice
	name string
}

// created says that it brings an object. Some servers put s3: before the name, as S3 does
// in a bucket's configuration.
func (e happening) created() bool {
	return strings.HasPrefix(strings.TrimPrefix(e.name, "s3:"), "ObjectCreated:")
}

func readRecord(element []byte) (e happening, isS3 bool) {
	var r raw.Reader
	r.Lenient(element)
	if r.Kind() != raw.Object {
		return e, false
	}
	source := ""
	e.Size = -1
	err := r.Object(func(name []byte) (err error) {
		switch string(name) {
		case "eventSource":
			source, err = text(&r)
		case "eventName":
			e.name, err = text(&r)
		case "s3":
			err = e.detail(&r)
		default:
			err = r.Skip()
		}
		return err
	})
	if key, wrong := url.QueryUnescape(e.Key); wrong == nil {
		e.Key = key
	}
	return e, err == nil && source == "aws:s3" && e.name != "" && (!e.created() || e.Bucket != "" && e.Key != "")
}

// detail reads {"bucket": {"name"}, "object": {"key", "size", "eTag", "versionId"}};
// EventBridge writes the latter two as etag and version-id.
func (e *happening) detail(r *raw.Reader) error {
	if r.Kind() != raw.Object {
		return r.Skip()
	}
	return r.Object(func(name []byte) error {
		which := string(name)
		if which != "bucket" && which != "object" || r.Kind() != raw.Object {
			return r.Skip()
		}
		return r.Object(func(name []byte) (err error) {
			switch which + "." + string(name) {
			case "bucket.name":
				e.Bucket, err = text(r)
			case "object.key":
				e.Key, err = text(r)
			case "object.eTag", "object.etag":
				e.ETag, err = text(r)
				e.ETag = strings.Trim(e.ETag, `"`)
			case "object.versionId", "object.version-id":
				if e.Version, err = text(r); e.Version == "null" {
					e.Version = "" // the one that was there before the bucket had versions
				}
			case "object.size":
				var size string
				if size, err = text(r); size != "" {
					if n, wrong := strconv.ParseInt(size, 10, 64); wrong == nil {
						e.Size = n
					}
				}
			default:
				err = r.Skip()
			}
			return err
		})
	})
}

// bridged reads {"source": "aws.s3", "detail-type": "Object Created", "detail": {...}}.
func bridged(body []byte, kind string) (n Notification, ok bool) {
	if kind != "Object Created" {
		return Notification{Others: 1}, true
	}
	e := happening{Notice: Notice{Size: -1, Body: bytes.Clone(body)}}
	var r raw.Reader
	r.Lenient(body)
	err := r.Object(func(name []byte) error {
		if string(name) == "detail" {
			return e.detail(&r)
		}
		return r.Skip()
	})
	n.Created = []Notice{e.Notice}
	return n, err == nil && e.Bucket != "" && e.Key != ""
}

func text(r *raw.Reader) (string, error) {
	kind := r.Kind()
	value, err := r.Value()
	switch {
	case err != nil:
		return "", err
	case kind == raw.String:
		return string(raw.Text(value)), nil
	case kind == raw.Number:
		return string(value), nil
	}
	return "", nil
}
