package batch

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnswerReportsWhatMustComeAgain(t *testing.T) {
	ok := func(id, group string) Record { return Record{ID: id, Group: group} }
	bad := func(id, group string) Record { return Record{ID: id, Group: group, Failed: true} }
	for _, c := range []struct {
		name    string
		answer  Answer
		records []Record
		want    []string
	}{
		{"queue: none failed", Independent, []Record{ok("a", ""), ok("b", "")}, []string{}},
		{"queue: the failed alone", Independent, []Record{bad("a", ""), ok("b", ""), bad("c", "")}, []string{"a", "c"}},
		{"queue: delivered twice in one batch", Independent, []Record{bad("a", ""), bad("b", ""), bad("a", "")}, []string{"a", "b"}},
		{"queue: an empty batch", Independent, nil, []string{}},
		{"groups: none failed", PerGroup, []Record{ok("a", "g"), ok("b", "h")}, []string{}},
		{"groups: the rest of the group", PerGroup, []Record{ok("a", "g"), bad("b", "g"), ok("c", "h"), ok("d", "g")}, []string{"b", "d"}},
		{"groups: delivered twice in one batch", PerGroup, []Record{bad("a", "g"), ok("a", "g")}, []string{"a"}},
		{"groups: an empty batch", PerGroup, nil, []string{}},
		{"stream: none failed", Ordered, []Record{ok("1", "")}, []string{}},
		{"stream: the lowest alone", Ordered, []Record{ok("9", ""), bad("100", ""), bad("20", ""), bad("021", "")}, []string{"20"}},
		{"stream: larger than any integer", Ordered, []Record{
			bad("49663110581205134926361120913469488106230880440192942082", ""),
			bad("49663110581205134926361120913468279180411265811018235906", ""),
		}, []string{"49663110581205134926361120913468279180411265811018235906"}},
		{"stream: an empty batch", Ordered, nil, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.answer(c.records)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWavesHoldEachGroupsNextRecord(t *testing.T) {
	got := Waves([]string{"a", "a", "b", "a", "c", "b"})
	if diff := cmp.Diff([][]int{{0, 2, 4}, {1, 5}, {3}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Waves(nil); len(got) != 0 {
		t.Error(got)
	}
}
