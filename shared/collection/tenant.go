package collection

import (
	"strconv"
	"strings"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/raw"
)

// Tenant is whose document would come of a plain document, after the mapping rules. The
// error is a *Flaw: of what holds other documents, or no tenant, nobody can say whose it is.
func (d *Documents) Tenant(record Record, document []byte) (string, error) {
	if _, wrapped := envelope.Unwrap(document); wrapped && d.collection.Unwraps() {
		return "", &Flaw{"tenant_unknown", "is a notification that holds other documents: send those"}
	}
	if d.collection.Opens() {
		if _, ok := envelope.Open(document, d.collection.Envelope); ok {
			return "", &Flaw{"tenant_unknown", "is a change message that holds other documents: send those"}
		}
	}
	f := d.finders.Get().(*finder)
	defer d.finders.Put(f)
	body, err := d.mapped(f, record, document, false)
	if err != nil {
		return "", err
	}
	if name := ambiguous(body); name != "" {
		return "", &Flaw{"tenant_unknown", "field " + strconv.Quote(name) + " has a dot too many: no name, and OpenSearch could take it for another field"}
	}
	value, ok := f.scalar(d.tenant)
	if !ok || f.found[d.tenant].kind != raw.String {
		return "", &Flaw{"tenant_missing", "field " + strconv.Quote(d.collection.Search.Tenant.Field) + " is missing, or not one text: it says whose the document is"}
	}
	return string(value), nil
}

// ambiguous is a name with nothing before, behind or between its dots: OpenSearch reads
// "tenant." as tenant, where the finder sees another field.
func ambiguous(body []byte) (name string) {
	var r raw.Reader
	r.Lenient(body)
	var walk func() error
	walk = func() error {
		switch r.Kind() {
		case raw.Object:
			return r.Object(func(n []byte) error {
				if dotted := "." + string(n) + "."; strings.Contains(dotted, "..") {
					name = string(n)
				}
				return walk()
			})
		case raw.Array:
			return r.Array(walk)
		}
		return r.Skip()
	}
	_ = walk() // it has been read before
	return name
}
