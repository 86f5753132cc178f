package envelope

import (
	"bytes"

	"github.com/sluice-dev/sluice/shared/raw"
)

// schemaColumns reads the columns' types out of a Kafka Connect schema: those of the
// row after the change, or before it; of a flattened row, its own.
func schemaColumns(schema []byte, before bool) (columns Columns, known bool) {
	if kind(schema) != raw.Object {
		return nil, false
	}
	image := "after"
	if before {
		image = "before"
	}
	own := imageFields(schema, image)
	if own == nil {
		own = member(schema, "fields")
	}
	columns = Columns{}
	err := eachElement(own, func(field []byte) error {
		name, column := schemaColumn(field)
		columns[name] = column
		return nil
	})
	return columns, err == nil
}

// imageFields are the fields of the struct of that name, nil without one. A schema is
// larger than its row, so it is walked once.
func imageFields(schema []byte, image string) (found []byte) {
	var r raw.Reader
	r.Lenient(schema)
	_ = r.Object(func(name []byte) error { // it was walked whole
		if string(name) != "fields" {
			return r.Skip()
		}
		return r.Array(func() error {
			own, fields := "", []byte(nil)
			err := r.Object(func(name []byte) error {
				value, err := r.Value()
				switch string(name) {
				case "field":
					own = text(value)
				case "fields":
					fields = value
				}
				return err
			})
			if own == image {
				found = fields
			}
			return err
		})
	})
	return found
}

// member is the value of one member, nil without it.
func member(value []byte, name string) (found []byte) {
	_ = members(value, func(n, v []byte) error {
		if string(n) == name {
			found = v
		}
		return nil
	})
	return found
}

// schemaColumn is one field: {"type", "name", "parameters", "items", "field"}.
func schemaColumn(field []byte) (name string, c Column) {
	var typ, semantic string
	var parameters, items []byte
	_ = members(field, func(n, v []byte) error {
		switch string(n) {
		case "field":
			name = text(v)
		case "type":
			typ = text(v)
		case "name":
			semantic = text(v)
		case "parameters":
			parameters = v
		case "items":
			items = v
		}
		return nil
	})
	if typ == "array" && kind(items) == raw.Object {
		_, each := schemaColumn(items)
		c.each = &each
	}
	c.Form = formOf(typ, semantic)
	switch {
	case c.Form == Decimal:
		scale, _ := integer(member(parameters, "scale"))
		c.Scale = int(min(max(scale, 0), 1<<14))
	case c.Form == AsItIs && typ == "int64" && unsigned(parameters):
		c.Form = Unsigned
	}
	return name, c
}

// unsigned needs column.propagate.source.type in the connector's configuration.
func unsigned(parameters []byte) bool {
	return bytes.Contains(bytes.ToUpper(member(parameters, "__debezium.source.column.type")), []byte("UNSIGNED"))
}

func formOf(typ, semantic string) Form {
	switch semantic {
	case "org.apache.kafka.connect.data.Decimal":
		return Decimal
	case "io.debezium.data.VariableScaleDecimal":
		return VariableDecimal
	case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date":
		return Days
	case "io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp":
		return Millis
	case "io.debezium.time.MicroTimestamp":
		return Micros
	case "io.debezium.time.NanoTimestamp":
		return Nanos
	case "io.debezium.time.ZonedTimestamp":
		return Millis // a text; an infinity is none
	case "io.debezium.time.Time", "org.apache.kafka.connect.data.Time":
		return TimeMillis
	case "io.debezium.time.MicroTime":
		return TimeMicros
	case "io.debezium.time.NanoTime":
		return TimeNanos
	case "io.debezium.data.Bits":
		return Bits
	case "":
		if typ == "double" || typ == "float" {
			return Float
		}
	}
	return AsItIs
}
