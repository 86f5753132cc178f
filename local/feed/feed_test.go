package feed

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
)

func cutAll(t *testing.T, place, text string) (out []Line) {
	t.Helper()
	lines := make(chan Line, 100)
	if err := cut(context.Background(), strings.NewReader(text), place, lines); err != nil {
		t.Fatal(err)
	}
	close(lines)
	for l := range lines {
		out = append(out, l)
	}
	return out
}

func TestTheSameFileAgainGivesTheSameIDs(t *testing.T) {
	first := cutAll(t, "/a.log", "one\ntwo\n")
	again := cutAll(t, "/a.log", "one\ntwo\nthree\n")
	if len(first) != 2 || len(again) != 3 || first[0] != again[0] || first[1] != again[1] {
		t.Fatalf("first %v, again %v", first, again)
	}
}

func TestTwoEqualLinesStayTwo(t *testing.T) {
	lines := cutAll(t, "/a.log", "same\nsame\n\n\r\nsame")
	other := cutAll(t, "/b.log", "same\n")
	ids := map[string]bool{other[0].ID: true}
	for _, l := range lines {
		ids[l.ID] = true
	}
	if len(lines) != 3 || len(ids) != 4 {
		t.Fatalf("%d lines with %d ids in two files, want 3 and 4", len(lines), len(ids))
	}
}

func TestALineThatNoQueueCarriesIsNamedAndTheOthersGo(t *testing.T) {
	var sent Sent
	lines := cutAll(t, "/a.log", "good\n\nbad\nlast\n")
	fates := []error{nil, fault.New(fault.Invalid, "too many bytes"), fault.New(fault.Unavailable, "down")}
	err := sent.add(lines, fates)
	if sent.Lines != 1 || len(sent.Refused) != 1 || sent.Refused[0] != "line 3: too many bytes" || err == nil {
		t.Errorf("%+v %v", sent, err)
	}
}

func TestLinesGoInPortions(t *testing.T) {
	lines := make(chan Line, 2*portion+1)
	for range cap(lines) {
		lines <- Line{}
	}
	close(lines)
	var sizes []int
	for some := range portions(lines) {
		sizes = append(sizes, len(some))
	}
	if !slices.Equal(sizes, []int{portion, portion, 1}) {
		t.Error(sizes)
	}
}
