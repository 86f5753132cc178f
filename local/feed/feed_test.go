package feed

import (
	"context"
	"strings"
	"testing"
)

func cutAll(t *testing.T, place, text string) ([]Line, []string) {
	t.Helper()
	lines := make(chan Line, 100)
	refused, err := cut(context.Background(), strings.NewReader(text), place, lines)
	if err != nil {
		t.Fatal(err)
	}
	close(lines)
	var out []Line
	for l := range lines {
		out = append(out, l)
	}
	return out, refused
}

func TestTheSameFileAgainGivesTheSameIDs(t *testing.T) {
	first, _ := cutAll(t, "/a.log", "one\ntwo\n")
	again, _ := cutAll(t, "/a.log", "one\ntwo\nthree\n")
	if len(first) != 2 || len(again) != 3 || first[0] != again[0] || first[1] != again[1] {
		t.Fatalf("first %v, again %v", first, again)
	}
}

func TestTwoEqualLinesStayTwo(t *testing.T) {
	lines, _ := cutAll(t, "/a.log", "same\nsame\n\n\r\nsame")
	other, _ := cutAll(t, "/b.log", "same\n")
	ids := map[string]bool{other[0].ID: true}
	for _, l := range lines {
		ids[l.ID] = true
	}
	if len(lines) != 3 || len(ids) != 4 {
		t.Fatalf("%d lines with %d ids in two files, want 3 and 4", len(lines), len(ids))
	}
}

func TestALineThatAQueueRefusesIsNamedAndTheOthersGo(t *testing.T) {
	lines, refused := cutAll(t, "/a.log", "good\nb\x01d\nb\xffd\n"+strings.Repeat("x", MaxLine+1)+"\n\uFFFD is a character\n")
	if len(lines) != 2 || len(refused) != 3 {
		t.Fatalf("sent %d, refused %q", len(lines), refused)
	}
	for i, want := range []string{"line 2: byte 2", "line 3: byte 2", "line 4: 1048577 bytes"} {
		if !strings.HasPrefix(refused[i], want) {
			t.Errorf("refused[%d] = %q, want %q...", i, refused[i], want)
		}
	}
}

func TestBatchesHoldTenMessagesAndOneMebibyte(t *testing.T) {
	lines := make(chan Line, 40)
	for range 12 {
		lines <- Line{"id", "small"}
	}
	for range 3 {
		lines <- Line{"id", strings.Repeat("x", MaxLine/2)}
	}
	close(lines)
	total := 0
	for batch := range batches(lines) {
		size := 0
		for _, l := range batch {
			size += l.size()
		}
		total += len(batch)
		if len(batch) > 10 || size > MaxLine {
			t.Errorf("a batch of %d messages and %d bytes", len(batch), size)
		}
	}
	if total != 15 {
		t.Errorf("%d of 15 messages came through", total)
	}
}
