package bulk

import (
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/change"
)

func TestAnImmenseTermIsNotQuotedAsBytes(t *testing.T) {
	item := doc(change.Index, "1", 7, `{"s":"secret"}`, single)
	v := classify(&item, answer{Status: 400, Type: "illegal_argument_exception", Reason: `Document contains at least one immense term in field="s" (whose UTF8 encoding is longer than the max length 32766), ` +
		`all of which were skipped. The prefix of the first immense term is: '[115, 101, 99, 114, 101, 116]...'`})
	if v.Outcome != Rejected || strings.Contains(v.Reason, "115") || !strings.Contains(v.Reason, `field="s"`) {
		t.Errorf("%+v", v)
	}
}

// Reasons as OpenSearch 2.19.6 gives them for these documents.
func TestMappingConflictNamesFieldAndBothTypes(t *testing.T) {
	for _, c := range []struct{ reason, body, want string }{
		{"failed to parse field [n] of type [long] in document with id '1'. Preview of field's value: 'secret': For input string: \"secret\"", `{"n":"secret"}`,
			`field "n" is mapped as long, the document has a string`},
		{"failed to parse field [n] of type [long] in document with id '1'. Preview of field's value: 'x'] of type [long': For input string: \"x'] of type [long\"", `{"n":"x'] of type [long"}`,
			`field "n" is mapped as long, the document has a string`},
		{"failed to parse field [i] of type [integer] in document with id '1'. Preview of field's value: '3000000000': Numeric value (3000000000) out of range of int", `{"i":3000000000}`,
			`field "i" is mapped as integer, the document has a whole number`},
		{"failed to parse field [customer.id] of type [long] in document with id '1'. Preview of field's value: '{x=secret}': Current token (START_OBJECT) not numeric", `{"customer":{"id":{"x":"secret"}}}`,
			`field "customer.id" is mapped as long, the document has an object`},
		{"failed to parse field [customer.id] of type [long] in document with id '1'. Preview of field's value: 'secret'", `{"customer.id":"secret"}`,
			`field "customer.id" is mapped as long, the document has a string`},
		{"failed to parse field [items.price] of type [scaled_float] in document with id '1'. Preview of field's value: 'secret'", `{"items":[{"price":1.10},{"price":["secret",null]}]}`,
			`field "items.price" is mapped as scaled_float, the document has a number with a fraction or exponent and a string and null`},
		{"failed to parse field [g] of type [geo_point]: unsupported symbol [o] in geohash [secret]", `{"g":"secret"}`,
			`field "g" is mapped as geo_point, the document has a string`},
		{"object mapping for [customer] tried to parse field [customer] as object, but found a concrete value", `{"customer":"secret"}`,
			`field "customer" is mapped as object, the document has a string`},
		{"object mapping for [customer] tried to parse field [null] as object, but found a concrete value", `{"customer":["a",{"b":1}]}`,
			`field "customer" is mapped as object, the document has a string and an object`},
		{"Could not dynamically add mapping for field [n.x]. Existing mapping for [n] must be of type object but found [long].", `{"n.x":1}`,
			`field "n" is mapped as long, the document has an object`},
		{"mapper [n] cannot be changed from type [long] to [text]", `{"n":"secret"}`, `field "n" is mapped as long, the document has a string`},
		{"failed to parse field [n] of type [long]", `{`, `field "n" is mapped as long, the document has another type`},
	} {
		item := doc(change.Index, "1", 7, c.body, single)
		v := classify(&item, answer{Status: 400, Type: "mapper_parsing_exception", Reason: c.reason})
		if v.Reason != c.want || v.Outcome != Rejected || strings.Contains(v.Reason, "secret") {
			t.Errorf("%s:\n got %s\nwant %s", c.reason, v.Reason, c.want)
		}
	}
}

func TestOtherReasonsStayAsTheyAre(t *testing.T) {
	item := doc(change.Index, "1", 7, `{"a":1}`, single)
	for _, reason := range []string{"", "failed to parse field [x]", "failed to parse: Duplicate field 'n'", "mapping set to strict, dynamic introduction of [b] within [st] is not allowed"} {
		if v := classify(&item, answer{Status: 400, Type: "mapper_parsing_exception", Reason: reason}); v.Reason != reason {
			t.Errorf("%q: %q", reason, v.Reason)
		}
	}
}
