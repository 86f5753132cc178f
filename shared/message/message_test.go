package message_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/sluice-dev/sluice/shared/message"
)

func TestSQSTakesTextOfTheCharactersItAllows(t *testing.T) {
	for body, want := range map[string]bool{
		"": true, "tab\t line\n return\r": true, "漢 \u00e9 \U0001F600 \uFFFD": true,
		"\x00": false, "a\x1f": false, "\uFFFE": false, "\uFFFF": false, "\xff": false, "cut \xe6\xbc": false,
	} {
		if got := message.Sendable([]byte(body)); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}

func TestWhatIsPackedComesBack(t *testing.T) {
	for _, body := range []string{"", "x", string(make([]byte, 1<<16))} {
		r, err := gzip.NewReader(bytes.NewReader(message.Gzip([]byte(body))))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(r); err != nil || string(back) != body {
			t.Errorf("%d bytes came back as %d (%v)", len(body), len(back), err)
		}
	}
}
