package envelope

import (
	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/raw"
)

// maxwell is one row of Maxwell's.
type maxwell struct {
	op        change.Op
	data, old []byte
	bootstrap bool
	position  string // "binlog.000001:4890", if output_binlog_position is on
	seconds   int64
	hasTime   bool
}

func openMaxwell(body []byte, _ bool) (Message, bool) {
	var m maxwell
	var database, table, event string
	if members(body, func(name, value []byte) error {
		switch string(name) {
		case "database":
			database = text(value)
		case "table":
			table = text(value)
		case "type":
			event = text(value)
		case "ts":
			m.seconds, m.hasTime = integer(value)
		case "position":
			m.position = text(value)
		case "data":
			m.data = value
		case "old":
			m.old = value
		}
		return nil
	}) != nil || database == "" || event == "" || !m.hasTime {
		return Message{}, false
	}
	name := tableName(database, table)
	switch event {
	case "insert", "update":
		m.op = change.Index
	case "bootstrap-insert":
		m.op, m.bootstrap = change.Index, true
	case "delete":
		m.op = change.Delete
	case "bootstrap-start", "bootstrap-complete":
		return skip("bootstrap", name)
	case "table-create", "table-alter", "table-drop", "database-create", "database-alter", "database-drop":
		return skip("ddl", name)
	default:
		return Message{}, false
	}
	if kind(m.data) != raw.Object {
		return Message{}, false
	}
	return Message{Table: name, frame: &m}, true
}

func (m *maxwell) rows(columns Columns) (rows []Row, err error) {
	v := m.version()
	r := rowReader{columns: columns, keyOnly: m.op == change.Delete}
	row := Row{Op: m.op, Version: v.number, Ties: v.ties, Time: micros(m.seconds * 1e6)}
	if row.Document, err = r.read(m.data); err != nil {
		return nil, err
	}
	row.Blanks = r.blanks
	if kind(m.old) == raw.Object && m.op == change.Index {
		if row.Before, err = (&rowReader{columns: columns, keyOnly: true}).read(overlay(m.data, m.old)); err != nil {
			return nil, err
		}
	}
	return []Row{row}, nil
}

// version: rows of one event share its position, changes of one second its time. A row
// copied by a bootstrap is older than any change.
func (m *maxwell) version() version {
	if file, at, ok := cutLast(m.position, ":"); ok {
		if position, ok := integer([]byte(at)); ok {
			if v, ok := binlog(file, position, 0); ok {
				return version{v.number, true}
			}
		}
	}
	if m.bootstrap {
		return clock(0)
	}
	return clock(m.seconds)
}
