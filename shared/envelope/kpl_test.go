package envelope

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The files in testdata/kpl were made by awslabs' aggregator (aws_kinesis_agg 1.2.3); the
// change messages in them are those of testdata/maxwell, and Debezium's own.
func aggregatedFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "kpl", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAggregatedRecordHoldsItsRecords(t *testing.T) {
	got, ok := Disaggregate(nil, aggregatedFile(t, "four.bin"))
	want := [][]byte{[]byte(`{"message":"one"}`), []byte(`{"message":"two"}`), {}, []byte("\xff\x00 not text")}
	if !ok || !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%v: %q", ok, got)
	}
}

func TestAggregatedChangeMessagesAreOpened(t *testing.T) {
	for _, dialect := range []string{"maxwell", "debezium"} {
		records, ok := Disaggregate(nil, aggregatedFile(t, dialect+".bin"))
		if !ok || len(records) != 4 {
			t.Fatalf("%s: %d records", dialect, len(records))
		}
		for i, record := range records {
			if m, ok := Open(record, ""); !ok || m.Dialect != dialect {
				t.Errorf("%s %d is taken for %q: %s", dialect, i, m.Dialect, record)
			}
		}
	}
}

// sealed is a message as the Kinesis Producer Library sends it.
func sealed(message []byte) []byte {
	sum := md5.Sum(message)
	return slices.Concat(aggregated, message, sum[:])
}

func field(number, wire uint64, value ...byte) []byte {
	out := binary.AppendUvarint(nil, number<<3|wire)
	if wire == bytesOf {
		out = binary.AppendUvarint(out, uint64(len(value)))
	}
	return append(out, value...)
}

func TestRecordThatOnlyBeginsLikeAnAggregatedOneIsPlain(t *testing.T) {
	good := aggregatedFile(t, "four.bin")
	broken := bytes.Clone(good)
	broken[len(broken)-1] ^= 1
	record := slices.Concat(field(1, varint, 0), field(3, bytesOf, 'x'))
	for name, data := range map[string][]byte{
		"nothing": nil, "magic alone": aggregated, "magic and text": append(bytes.Clone(aggregated), "a text that is longer than a digest"...),
		"digest fails": broken, "cut": good[:len(good)-3], "no message": sealed(nil),
		"not protobuf":          sealed([]byte("\xff\xff\xff")),
		"length past the end":   sealed([]byte{3<<3 | 2, 200, 1, 'x'}),
		"length of 2^63":        sealed(slices.Concat([]byte{3<<3 | 2}, binary.AppendUvarint(nil, 1<<63), []byte("x"))),
		"a record without data": sealed(field(3, bytesOf, field(1, varint, 0)...)),
		"a record without key":  sealed(field(3, bytesOf, field(3, bytesOf, 'x')...)),
		"a group":               sealed(field(3, 3)),
		"field zero":            sealed([]byte{2, 0}),
		"one good, one not":     sealed(slices.Concat(field(3, bytesOf, record...), []byte{3<<3 | 2, 9})),
	} {
		if got, ok := Disaggregate(nil, data); ok || got != nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFieldsThatWeDoNotKnowArePassedOver(t *testing.T) {
	record := slices.Concat(field(1, varint, 0x80, 1), field(2, varint, 3), field(3, bytesOf, 'x'), field(4, bytesOf, field(1, bytesOf, 'k')...), field(9, fixed64, 1, 2, 3, 4, 5, 6, 7, 8))
	message := slices.Concat(field(1, bytesOf, 'k'), field(3, bytesOf, record...), field(7, fixed32, 1, 2, 3, 4), field(2, bytesOf, '0'))
	if got, ok := Disaggregate(nil, sealed(message)); !ok || len(got) != 1 || string(got[0]) != "x" {
		t.Errorf("%v %q", ok, got)
	}
}

func FuzzDisaggregate(f *testing.F) {
	for _, name := range []string{"four.bin", "maxwell.bin", "debezium.bin"} {
		data := aggregatedFile(f, name)
		f.Add(data)
		f.Add(data[len(aggregated) : len(data)-md5.Size])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sealed(data)} { // the fuzzer makes no digest
			records, ok := Disaggregate(nil, data)
			size := 0
			for _, r := range records {
				size += len(r)
			}
			if size > len(data) || !ok && records != nil {
				t.Errorf("%d bytes of %d (%v)", size, len(data), ok)
			}
		}
	})
}
