package envelope

import "testing"

func TestColumnsAreWrittenInTheFormThatIsSaid(t *testing.T) {
	for _, c := range []struct{ column, value, want string }{
		{"decimal(4)", `"BAg="`, `"0.1032"`},
		{"decimal(2)", `"/w=="`, `"-0.01"`},
		{"decimal(0)", `"AQ=="`, `"1"`},
		{"decimal(2)", `"12345.67"`, `"12345.67"`},
		{"decimal(2)", `1.50`, `"1.50"`},
		{"decimal(2)", `"NaN"`, `null`},
		{"decimal(2)", `"a text"`, `refused`},
		{"days", `19723`, `"2024-01-01"`},
		{"days", `-2147472692`, `null`},
		{"millis", `-999`, `"1969-12-31T23:59:59.001Z"`},
		{"millis", `9223372036825200`, `null`},
		{"micros", `1704067200123456`, `"2024-01-01T00:00:00.123456Z"`},
		{"micros", `-11676095999999999`, `"1600-01-01T00:00:00.000001Z"`},
		{"nanos", `1704067200123456789`, `"2024-01-01T00:00:00.123456789Z"`},
		{"micros", `"2024-06-30T18:30:00Z"`, `"2024-06-30T18:30:00Z"`},
		{"micros", `"-infinity"`, `null`},
		{"micros", `{}`, `refused`},
		{"time_millis", `86399999`, `"23:59:59.999"`},
		{"time_micros", `-86399000000`, `"-23:59:59"`},
		{"time_micros", `3020399000000`, `"838:59:59"`},
		{"time_nanos", `1`, `"00:00:00.000000001"`},
		{"time_nanos", `-9223372036854775808`, `refused`},
		{"unsigned", `-1`, `18446744073709551615`},
		{"unsigned", `7`, `7`},
		{"bits", `"FQ=="`, `21`},
		{"bits", `"AAE="`, `256`},
		{"bits", `true`, `true`},
		{"plain", `"1234"`, `"1234"`},
		{"days", `null`, `null`},
	} {
		column, ok := ParseColumn(c.column)
		if !ok {
			t.Fatalf("%s is no column", c.column)
		}
		tell(t, c.column, column, c.value, c.want)
	}
	for _, said := range []string{"", "decimal", "decimal(-1)", "decimal(100)", "seconds"} {
		if _, ok := ParseColumn(said); ok {
			t.Errorf("%q is a column", said)
		}
	}
}

func TestWhatCouldBeTwoThingsIsRefused(t *testing.T) {
	for _, c := range []struct {
		form        Form
		value, want string
	}{
		{ForDate, `1704067200123456`, `refused`},
		{ForDate, `"2024-02-29 12:34:56.789"`, `"2024-02-29T12:34:56.789Z"`},
		{ForDate, `"2024-02-29"`, `"2024-02-29"`},
		{ForDate, `"infinity"`, `null`},
		{ForNumber, `"BAg="`, `refused`},
		{ForNumber, `"1234"`, `refused`},
		{ForNumber, `"12.34"`, `"12.34"`},
		{ForNumber, `{"scale":5,"value":"7Sl5"}`, `"-12.34567"`},
		{ForNumber, `{"scale":5,"other":"7Sl5"}`, `{"scale":5,"other":"7Sl5"}`},
		{ForNumber, `1.0E-7`, `1.0E-7`},
		{ForNumber, `"NaN"`, `null`},
		{ForUnsigned, `-1`, `18446744073709551615`},
	} {
		tell(t, "", Column{Form: c.form}, c.value, c.want)
	}
}

func TestTextsThatAreJSONBecomeJSONForAFieldOfObjects(t *testing.T) {
	for value, want := range map[string]string{
		`"{\"n\": 1.10, \"x\": [null]}"`: `{"n":1.10,"x":[null]}`,
		`"[1]"`:                          `[1]`,
		`"{\"n\":1,\"n\":2}"`:            `"{\"n\":1,\"n\":2}"`,
		`"{broken"`:                      `"{broken"`,
		`"plain"`:                        `"plain"`,
	} {
		tell(t, "json", Column{JSON: true}, value, want)
	}
}

func tell(t *testing.T, name string, column Column, value, want string) {
	t.Helper()
	got, blank, err := column.append(nil, "c", []byte(value))
	text := string(got)
	if err != nil {
		text = "refused"
	}
	if text != want || blank != (want == "null" && value != "null") {
		t.Errorf("%s %d: %s is %s (blank %v), want %s", name, column.Form, value, text, blank, want)
	}
}

func TestPlaceholdersAreKnownInEveryForm(t *testing.T) {
	for value, want := range map[string]bool{
		`"__debezium_unavailable_value"`: true, `"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="`: true,
		`["__debezium_unavailable_value"]`: true, `{"__debezium_unavailable_value":"__debezium_unavailable_value"}`: true,
		`"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}"`: true,
		`"b68a35a7-17ad-35b3-af2a-ae46edb4545a"`:                                true, `["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]`: true,
		`"about __debezium_unavailable_value"`: false, `["__debezium_unavailable_value","b"]`: false, `[]`: false, `[95,95]`: false,
		`{"__debezium_unavailable_value":1}`: false, `{}`: false, `null`: false, `28`: false,
	} {
		if unavailable([]byte(value)) != want {
			t.Errorf("%s: want %v", value, want)
		}
	}
}
