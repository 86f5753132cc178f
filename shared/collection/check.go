package collection

import (
	"regexp"
	"slices"
	"strings"
)

// check applies every rule, then fills in the defaults.
func (f *file) check(c *Collection) {
	f.checkName(c)
	f.checkSources(c)
	f.checkLines(c)
	f.checkObjects(c)
	f.checkMapping(c)
	f.checkFields(c)
	f.checkID(c)
	f.checkTime(c)
	f.checkVersion(c)
	f.checkEnvelope(c)
	f.checkPolicy(c)
	f.checkSearch(c)
	if len(f.mistakes) == 0 {
		fill(c)
	}
	f.build(c)
}

var (
	// Lengths are counted beside them: a pattern with {1,128} takes long to compile.
	nameRule   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	queueRule  = regexp.MustCompile(`^((arn:[\w-]+:sqs:[\w-]+:\d{12}:)?[\w.-]+|arn:[\w-]+:mq:[\w-]+:\d{12}:broker:[^\s:/]+:[^\s:/]+/\S+::\S+)$`)
	streamRule = regexp.MustCompile(`^(arn:[\w-]+:kinesis:[\w-]+:\d{12}:stream/)?[\w.-]+$`)
	topicRule  = regexp.MustCompile(`^(arn:[\w-]+:kafka:[\w-]+:\d{12}:topic/[^\s/]+/[^\s/]+/|kafka://[^\s/]+/)?[\w.-]+$`)
	tableRule  = regexp.MustCompile(`^[^.\s]+\.[^\s]+$`)
	bucketRule = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

func (f *file) checkName(c *Collection) {
	wanted := strings.TrimSuffix(f.name, ".yaml")
	switch {
	case c.Name == "": // said already
	case !nameRule.MatchString(c.Name) || len(c.Name) > 100:
		f.wrong("name", "%q cannot name an index: use lower case letters and digits with single dashes between, at most 100", c.Name)
	case c.Name != wanted:
		f.wrong("name", "%q is not the file's name: write %s, or rename the file to %s.yaml", c.Name, wanted, c.Name)
	}
}

func (f *file) checkObjects(c *Collection) {
	o := c.Objects
	switch {
	case o.Delimiter == "":
	case o.Format != "" && o.Format != "csv":
		f.wrong("objects.delimiter", "stands between fields of csv: remove it, or say format: csv")
	case len(o.Delimiter) != 1 || strings.ContainsAny(o.Delimiter, "\"\r\n"):
		f.wrong("objects.delimiter", "%q is not one character of ASCII, such as ; or \"\\t\"", o.Delimiter)
	}
	if o.Format == "lines" && len(c.Lines) == 0 {
		f.wrong("objects.format", "lines of text need a line format: add lines, such as [text]")
	}
}

func (f *file) checkSources(c *Collection) {
	for i, s := range c.Sources {
		path, set := index("sources", i), 0
		for _, before := range c.Sources[:i] {
			if cl := s.claim(); cl.what != "" && cl.meets(before.claim()) {
				f.wrong(path, "%s %s is listed twice: keep one", cl.kind, cl.what)
			}
		}
		for _, key := range []struct {
			name, value, want string
			rule              *regexp.Regexp
			length, most      int
		}{
			{"queue", s.Queue, "a queue's ARN or name", queueRule, len(strings.TrimSuffix(ownName(s.Queue), ".fifo")), longestQueue(s.Queue)},
			{"stream", s.Stream, "a Kinesis stream's ARN or name", streamRule, len(ownName(s.Stream)), 128},
			{"topic", s.Topic, "a Kafka topic's ARN, kafka://server/topic, or name", topicRule, len(ownName(s.Topic)), 249},
			{"table", s.Table, "database.table", tableRule, 0, 0},
			{"bucket", s.Bucket, "a bucket's name", bucketRule, 0, 0},
		} {
			if key.value == "" {
				continue
			}
			set++
			if !key.rule.MatchString(key.value) || key.length > key.most {
				f.wrong(path+"."+key.name, "%q is not %s", key.value, key.want)
			}
		}
		if set != 1 {
			f.wrong(path, "a source is one of queue, stream, topic, table, bucket: begin each with its own dash")
		}
		if s.Prefix != "" && s.Bucket == "" {
			f.wrong(path+".prefix", "is the beginning of keys in a bucket: name the bucket beside it")
		}
	}
}

// longestQueue is SQS's limit where it is one, else RabbitMQ's.
func longestQueue(queue string) int {
	if service, _ := arnName(queue); service == "sqs" {
		return 80
	}
	return 255
}

func (f *file) checkID(c *Collection) {
	unfit := []string{"text", "object", "nested", "flat_object", "geo_point", "binary", "float", "double", "scaled_float"}
	for i, name := range c.ID.Fields {
		if t, ok := f.fieldType(c, index("id.fields", i), name); ok && slices.Contains(unfit, t) {
			f.wrong(index("id.fields", i), "%s is of type %s, whose values do not name a document: use a keyword, a whole number or a date", name, t)
		}
	}
	if c.ID.Separator != "" && len(c.ID.Fields) < 2 {
		f.wrong("id.separator", "joins several fields, of which there are not two: remove it")
	}
}

func (f *file) checkVersion(c *Collection) {
	if c.Version != nil {
		t, ok := f.fieldType(c, "version.field", c.Version.Field)
		if ok && !slices.Contains([]string{"long", "integer", "short", "byte"}, t) {
			f.wrong("version.field", "%s is of type %s: a version is a whole number up to 2^63-1, type long", c.Version.Field, t)
		}
		if c.AppendOnly {
			f.wrong("version", "append_only documents never change, so they have no versions: remove one of the two")
		}
	}
	if c.Op != nil && c.AppendOnly {
		f.wrong("op", "append_only documents are never deleted by a record: remove one of the two")
	}
}

func (f *file) checkEnvelope(c *Collection) {
	if c.Envelope == "" || c.Envelope == "none" {
		return
	}
	switch {
	case c.AppendOnly:
		f.wrong("envelope", "a change message replaces or deletes, which append_only documents refuse: remove one of the two")
	case len(c.ID.Fields) == 0:
		f.wrong("envelope", "a change message names its row by its key: add id: {fields: [...]}")
	}
}
