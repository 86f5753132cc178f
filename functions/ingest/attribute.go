package main

import (
	"github.com/sluice-dev/sluice/shared/raw"
)

// attribute is one SQS message attribute.
type attribute struct {
	name, kind string // kind: String, Number or Binary, maybe with .suffix
	text       string
	binary     string // base64
}

// eachAttribute walks the raw JSON of messageAttributes.
func eachAttribute(text []byte, visit func(attribute)) error {
	if len(text) < len(`{"a":{}}`) {
		return nil
	}
	var r raw.Reader
	r.Lenient(text)
	return r.Object(func(name []byte) error {
		a := attribute{name: string(name)}
		err := r.Object(func(part []byte) (err error) {
			switch string(part) {
			case "stringValue":
				a.text, err = textOf(&r)
			case "binaryValue":
				a.binary, err = textOf(&r)
			case "dataType":
				a.kind, err = textOf(&r)
			default:
				err = r.Skip()
			}
			return err
		})
		if err == nil {
			visit(a)
		}
		return err
	})
}

func textOf(r *raw.Reader) (string, error) {
	kind := r.Kind()
	value, err := r.Value()
	if err != nil || kind != raw.String {
		return "", err
	}
	return string(raw.Text(value)), nil
}
