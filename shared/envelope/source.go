package envelope

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// source is where Debezium read a change.
type source struct {
	connector         string
	db, schema, table string
	file              string
	pos, row, lsn     int64
	hasPos, hasLSN    bool
	ord               int64 // MongoDB: within the second
	hasOrd            bool
	ticks             int64 // microseconds since 1970, -1 if not told
	time              time.Time
}

func (s *source) read(value []byte) error {
	if kind(value) != raw.Object {
		return &Flaw{"no_source", "source is no object"}
	}
	s.ticks = -1
	var millis int64
	err := members(value, func(name, v []byte) error {
		switch string(name) {
		case "connector":
			s.connector = text(v)
		case "collection":
			s.table = text(v)
		case "ord":
			s.ord, s.hasOrd = integer(v)
		case "ts_us":
			if us, ok := integer(v); ok {
				s.ticks = us
			}
		case "ts_ms":
			millis, _ = integer(v)
		default:
			s.locate(string(name), v)
		}
		return nil
	})
	if s.ticks < 0 && millis > 0 && millis <= math.MaxInt64/1000 {
		s.ticks = millis * 1000
	}
	s.time = micros(s.ticks)
	return err
}

// locate takes a member that says which table, or where in the log.
func (s *source) locate(name string, v []byte) {
	switch name {
	case "db":
		s.db = text(v)
	case "schema":
		s.schema = text(v)
	case "table":
		s.table = text(v)
	case "file":
		s.file = text(v)
	case "pos":
		s.pos, s.hasPos = integer(v)
	case "row":
		s.row, _ = integer(v)
	case "lsn":
		s.lsn, s.hasLSN = integer(v)
	}
}

// name is schema.table where the database has schemas, else database.table.
func (s *source) name() string {
	if s.schema != "" {
		return tableName(s.schema, s.table)
	}
	return tableName(s.db, s.table)
}

// version is the log position where the connector's log has one that fits 63 bits, else
// the commit's time, which changes of one transaction share.
func (s *source) version() (version, error) {
	switch s.connector {
	case "postgresql":
		if s.hasLSN && s.lsn >= 0 {
			return version{number: s.lsn}, nil
		}
	case "mysql", "mariadb":
		if v, ok := binlog(s.file, s.pos, s.row); ok && s.hasPos {
			return v, nil
		}
	case "mongodb":
		if v, ok := oplog(s.ticks, s.ord); ok && s.hasOrd {
			return v, nil
		}
		return unversioned, &Flaw{"version_missing", "source has no ts_ms and ord that a version could be made of"}
	default:
		if v := clock(s.ticks); v != unversioned {
			return v, nil
		}
	}
	return unversioned, &Flaw{"version_missing", fmt.Sprintf("source of connector %q has no position that a version could be made of", strings.ToValidUTF8(s.connector, ""))}
}
