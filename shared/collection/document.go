package collection

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"sync"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/field"
	"github.com/sluice-dev/sluice/shared/line"
	"github.com/sluice-dev/sluice/shared/raw"
	"github.com/sluice-dev/sluice/shared/rotation"
)

// Documents turns a collection's records into changes. Built once per collection;
// safe for concurrent use.
type Documents struct {
	collection *Collection
	paths      []string // dotted paths to look for, in one pass
	ids        []int    // positions in paths; time, version, op, tenant: -1 if none
	time       int
	version    int
	op         int
	tenant     int
	guarded    field.Guarded
	deleted    int // of a field that only tombstones have; -1: may be there
	formats    []line.Format
	ofJSON     []line.Format
	rules      []ruleSet
	events     bool
	finders    sync.Pool
}

// NewDocuments compiles what c says of its documents. Load has checked c.
func NewDocuments(c *Collection) *Documents {
	d := &Documents{collection: c, time: -1, version: -1, op: -1, tenant: -1, deleted: -1, events: c.namesEvents()}
	for _, field := range c.ID.Fields {
		d.ids = append(d.ids, d.want(field))
	}
	if c.Time != nil {
		d.time = d.want(c.Time.Field)
	}
	if c.Version != nil {
		d.version = d.want(c.Version.Field)
	}
	if c.Op != nil {
		d.op = d.want(c.Op.Field)
	}
	if c.Search.Tenant != nil {
		d.tenant = d.want(c.Search.Tenant.Field)
	}
	if !c.AppendOnly {
		d.deleted = d.want(rotation.Deleted)
	}
	d.guarded = field.Guard(c.guarded()...)
	d.formats, d.ofJSON = compileLines(c)
	d.rules = compileRules(c)
	d.finders.New = func() any { return newFinder(d.paths) }
	return d
}

// guarded are the fields that a search's safety rests on.
func (c *Collection) guarded() []string {
	names := c.Search.Hidden[:len(c.Search.Hidden):len(c.Search.Hidden)]
	if c.Search.Tenant != nil {
		names = append(names, c.Search.Tenant.Field)
	}
	if !c.AppendOnly {
		names = append(names, rotation.Deleted)
	}
	return names
}

func (d *Documents) want(path string) int {
	if i := slices.Index(d.paths, path); i >= 0 {
		return i
	}
	d.paths = append(d.paths, path)
	return len(d.paths) - 1
}

// Sole is the part of a record that holds one document.
const Sole = -1

// Change makes the change that a document asks for: part is its place in its record,
// or Sole. The error is a *Flaw, or ErrHeading. The change's body may be a part of document.
func (d *Documents) Change(record Record, part int, document []byte) (change.Change, error) {
	f := d.finders.Get().(*finder)
	defer d.finders.Put(f)
	body, err := d.mapped(f, record, document, false)
	if err != nil {
		return change.Change{}, err
	}
	c := change.Change{Collection: d.collection.Name, Version: change.NoVersion, Op: d.operation(f)}
	return d.fill(f, record, part, body, c)
}

// fill completes a change from what f found in body.
func (d *Documents) fill(f *finder, record Record, part int, body []byte, c change.Change) (change.Change, error) {
	if d.deleted >= 0 && f.found[d.deleted].kind != 0 {
		return change.Change{}, &Flaw{"field_reserved", "field " + strconv.Quote(rotation.Deleted) + " is Sluice's own: rename or drop it by a mapping rule"}
	}
	if path, name := d.guarded.Odd(body); path != "" {
		return change.Change{}, &Flaw{"field_ambiguous", "field " + strconv.Quote(path) + " has a dot too many: OpenSearch could take it for " + name + ", which is hidden or decides who sees the document"}
	}
	var err error
	if c.ID, err = d.identity(f, record, part); err != nil {
		return change.Change{}, err
	}
	if d.version >= 0 && c.Op != change.Create && c.Version == change.NoVersion {
		if c.Version, err = d.versionOf(f); err != nil {
			return change.Change{}, err
		}
	}
	if d.time >= 0 {
		if c.Time, body, err = d.timeOf(f, record, c.Op, body); err != nil {
			return change.Change{}, err
		}
	}
	if c.Op != change.Delete {
		c.Body = oneLine(body)
	}
	return c, nil
}

// ErrHeading says that a line is its file's heading: there is no document in it, and
// nothing to lose.
var ErrHeading = errors.New("a heading, not an event")

// read finds the wanted fields; a text that is not an object is tried as a log line.
func (d *Documents) read(f *finder, document []byte) (body []byte, err error) {
	flaw := f.find(document)
	formats := d.ofJSON
	if flaw != nil {
		if flaw.Type != notJSON {
			return nil, flaw
		}
		formats = d.formats
	}
	for _, format := range formats {
		body, ok := format(nil, document)
		switch {
		case !ok:
			continue
		case len(body) == 0:
			return nil, ErrHeading
		}
		if flaw := f.find(body); flaw != nil {
			return nil, flaw
		}
		return body, nil
	}
	if flaw != nil {
		return nil, flaw
	}
	return document, nil
}

// oneLine drops white space between tokens if any of it would end the bulk line.
func oneLine(body []byte) []byte {
	if bytes.IndexByte(body, '\n') < 0 && bytes.IndexByte(body, '\r') < 0 {
		return body
	}
	return raw.Compact(body)
}

func (d *Documents) operation(f *finder) change.Op {
	if d.collection.AppendOnly {
		return change.Create
	}
	if d.op >= 0 {
		if value, ok := f.scalar(d.op); ok && slices.Contains(d.collection.Op.Delete, string(value)) {
			return change.Delete
		}
	}
	return change.Index
}

func (d *Documents) versionOf(f *finder) (int64, error) {
	field := d.collection.Version.Field
	value, ok := f.scalar(d.version)
	if !ok {
		return 0, &Flaw{"version_missing", "version field " + strconv.Quote(field) + " is missing"}
	}
	version, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || version < 0 {
		return 0, &Flaw{"version_invalid", "version field " + strconv.Quote(field) + " is not an integer from 0 to 9223372036854775807"}
	}
	return version, nil
}
