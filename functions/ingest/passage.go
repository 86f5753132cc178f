package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/object"
)

// passage is one object's way through one invocation, in portions that fit into memory.
type passage struct {
	*delivery
	extent         // still to be read
	first  int64   // where this invocation began
	record *record // of the notification
	notice object.Notice
	common collection.Record // what the lines know of where they come from
	claims string            // collection
	file   *download
	cutter *object.Cutter
}

// errUnstored: some lines of a portion were not stored.
var errUnstored = errors.New("not all lines are stored")

// readObject takes an object's lines all the way. Where that ends early, what is left goes back
// to the queue, or the record is reported if nothing has been brought forward.
func (d *delivery) readObject(ctx, reading context.Context, r *record) {
	p := &passage{delivery: d, extent: r.extent, first: r.from, record: r, notice: r.notices[0]}
	err := p.open(reading)
	if err == nil {
		defer p.cutter.Close()
	}
	defer p.file.close()
	for err == nil {
		err = p.portion(ctx, reading)
	}
	p.end(ctx, reading, err)
}

// open begins to read, behind what an earlier invocation has done.
func (p *passage) open(ctx context.Context) error {
	p.common = p.record.Record
	p.common.ID, p.common.Bucket, p.common.Key = "", p.notice.Bucket, p.notice.Key
	if p.etag == "" {
		p.etag = p.notice.ETag
	}
	p.file = &download{ctx: ctx, objects: p.objects, notice: p.notice, etag: p.etag}
	c, _ := p.collections.Resolve(p.common)
	if !p.mayBelong(&p.common, c) {
		return &object.Flaw{Type: "unknown_collection", Text: unknown(&p.common)}
	}
	hint := object.Hint{Name: p.notice.Key}
	if c != nil {
		p.claims, hint.Format = c.Name, c.Objects.Format
		if c.Objects.Delimiter != "" {
			hint.Delimiter = c.Objects.Delimiter[0]
		}
	}
	if err := p.file.begin(); err != nil {
		return err
	}
	hint.ContentType, p.etag = p.file.contentType, p.file.etag
	if !p.file.modified.IsZero() {
		p.common.Arrived = p.file.modified
	}
	p.common.Position = objectName(p.notice, p.etag)
	var err error
	if p.cutter, err = object.Open(p.file, hint, p.most); err == nil {
		err = p.cutter.SkipTo(p.from)
	}
	return err
}

// objectName names an object's content in ids, which have at most 512 bytes.
func objectName(n object.Notice, etag string) string {
	name := n.Bucket + "/" + n.Key + "@" + n.Version
	if n.Version == "" {
		name += etag
	}
	if len(name) <= maxName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return cut(name, maxName-2*len(sum)-1) + "~" + hex.EncodeToString(sum[:])
}

const maxName = 440

// portion reads on, writes what it has read, and moves the beginning of what is still to
// be read: to the first line that was not stored, or behind them all.
func (p *passage) portion(ctx, reading context.Context) error {
	p.items, p.parts, p.bytes = p.items[:0], p.parts[:0], 0
	p.lines, p.text = slices.Grow(p.lines[:0], portionItems), p.text[:0] // parts point to the lines
	err := p.fill()
	next := p.cutter.Offset()
	p.admit(reading)
	p.write(reading)
	p.bury(ctx, p.condemnedLines())
	if i := slices.IndexFunc(p.lines, func(l record) bool { return l.failed }); i >= 0 {
		p.from = p.lines[i].place.from
		return errUnstored
	}
	p.from = next
	return err
}

// fill opens lines until the portion is full.
func (p *passage) fill() error {
	for len(p.lines) < portionItems && len(p.items) < portionItems && p.bytes < portionBytes {
		piece, err := p.cutter.Next()
		if err != nil {
			return err
		}
		if p.until > 0 && piece.Offset >= p.until {
			return io.EOF
		}
		p.line(piece)
	}
	return nil
}

// line makes a record of its own of each line: its id is its place in the object.
func (p *passage) line(piece object.Piece) {
	place := strconv.FormatInt(piece.Offset, 10)
	start := len(p.text)
	p.text = append(p.text, piece.Text...)
	body := p.text[start:len(p.text):len(p.text)]
	p.lines = append(p.lines, record{
		Record: p.common, of: p, place: extent{piece.Offset, piece.End, p.etag},
		item: p.record.item + "-" + place, original: body, body: body, claimed: p.claims,
	})
	l := &p.lines[len(p.lines)-1]
	if p.until > 0 { // it is the one that a dead letter named by its place
		l.note = p.record.note
	}
	l.Position += "#" + place
	p.bytes += len(body)
	if piece.Flaw == nil {
		p.inside(l, &l.Record, body, 0)
		return
	}
	l.condemn(letter{kind: piece.Flaw.Type, cause: piece.Flaw.Text, collection: p.claims})
	if piece.Text == nil {
		l.byPlace()
	}
}

// byPlace lets a line's dead letter name the line instead of holding it.
func (r *record) byPlace() { r.original, r.extent = r.of.notice.Body, r.place }

// condemnedLines are those before the first that comes again, and with it those behind.
func (p *passage) condemnedLines() (dead []*record) {
	for i := range p.lines {
		l := &p.lines[i]
		if l.failed {
			break
		}
		if l.dead != nil {
			dead = append(dead, l)
		}
	}
	return dead
}

// end says what becomes of the notification.
func (p *passage) end(ctx, reading context.Context, err error) {
	flaw, atFault := errors.AsType[*object.Flaw](err)
	switch {
	case errors.Is(err, io.EOF):
		p.counts.objects++
	case errors.Is(err, errReplaced), errors.Is(err, errGone):
		p.counts.gone++
		p.log.LogAttrs(ctx, slog.LevelWarn, "object passed over: "+err.Error(), p.object())
	case atFault:
		p.record.condemn(letter{kind: flaw.Type, cause: p.uri() + ": " + flaw.Text, collection: p.claims})
		p.bury(ctx, []*record{p.record})
	default:
		if !errors.Is(err, errUnstored) && !p.late(reading) {
			p.problem.fail(err)
		}
		p.suspend(ctx, reading)
	}
}

// suspend lets another invocation go on. While OpenSearch or S3 pushes back, it waits.
func (p *passage) suspend(ctx, reading context.Context) {
	if p.from <= p.first {
		p.leave([]*record{p.record})
		return
	}
	next := successor{record: p.record, notice: p.notice, extent: p.extent}
	if !p.late(reading) {
		next.delay = pushedBack
	}
	p.handOver(ctx, []successor{next})
}

// late says that it was the time that did not suffice: what is asked of OpenSearch or S3
// ends some time before.
func (p *passage) late(reading context.Context) bool {
	deadline, ok := reading.Deadline()
	return reading.Err() != nil || ok && time.Until(deadline) < p.reserve
}

func (p *passage) uri() string { return "s3://" + p.notice.Bucket + "/" + p.notice.Key }

func (p *passage) object() slog.Attr { return slog.String("object", p.uri()) }
