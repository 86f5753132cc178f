package collection

import (
	"encoding/json"
	"testing"

	"github.com/sluice-dev/sluice/shared/change"
	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/mapping"
)

func orderRows() *Documents {
	return NewDocuments(&Collection{Name: "orders", ID: ID{Fields: []string{"id"}}, Mapping: []mapping.Rules{{
		Sources: []string{"shop.orders"}, Rename: map[string]string{"orderNo": "id"}, Case: "snake", Type: map[string]string{"total": "decimal"},
	}}})
}

func TestRowsPassThroughTheRulesOfTheirTable(t *testing.T) {
	row := envelope.Row{Op: change.Index, Version: 7, Document: []byte(`{"orderNo":2,"userId":9007199254740993,"total":"1.10"}`), Before: []byte(`{"orderNo":1}`)}
	got, err := orderRows().Row(Record{Table: "shop.orders"}, Sole, row)
	if err != nil || got.ID != "2" || got.Version != 7 || string(got.Body) != `{"id":2,"user_id":9007199254740993,"total":1.10}` {
		t.Errorf("%+v %s %v", got, got.Body, err)
	}
	former, moved := orderRows().Former(Record{Table: "shop.orders"}, Sole, row, got.ID)
	if !moved || former.ID != "1" || former.Op != change.Delete || former.Body != nil {
		t.Errorf("%+v %v", former, moved)
	}
}

func TestRowsOfAnotherTableStayAsTheyAre(t *testing.T) {
	row := envelope.Row{Op: change.Index, Version: 7, Document: []byte(`{"id":2,"userId":1}`)}
	got, err := orderRows().Row(Record{Table: "shop.returns"}, Sole, row)
	if err != nil || string(got.Body) != `{"id":2,"userId":1}` {
		t.Errorf("%s %v", got.Body, err)
	}
}

func TestRowThatNoRuleConvertsIsAMisfit(t *testing.T) {
	row := envelope.Row{Op: change.Index, Version: 7, Document: []byte(`{"orderNo":2,"total":"cheap"}`)}
	_, err := orderRows().Row(Record{Table: "shop.orders"}, Sole, row)
	if flaw, ok := err.(*Flaw); !ok || flaw.Type != "mapping_misfit" {
		t.Error(err)
	}
}

// A delete shows its key; PostgreSQL fills the other columns with zeros.
func TestADeleteNeedsNothingButItsKeyOfTheRules(t *testing.T) {
	documents := NewDocuments(&Collection{
		Name: "orders", ID: ID{Fields: []string{"id"}}, Time: &Time{Field: "at", Formats: []string{"rfc3339"}},
		Mapping: []mapping.Rules{{
			Rename: map[string]string{"orderNo": "id", "who": "person.name"}, Type: map[string]string{"total": "decimal", "lines.n": "integer", "id": "integer"},
			Enum:  map[string]map[string]json.RawMessage{"status": {"1": json.RawMessage(`"new"`)}},
			Split: map[string]mapping.Split{"name": {Into: []string{"first", "last"}}, "tags": {}},
		}, {Type: map[string]string{"total": "decimal"}}},
	})
	image := []byte(`{"total":{"a":[]},"orderNo":"2","status":0,"at":0,"who":"x","person":"","name":0,"tags":[1],"lines":[{"n":"a"},{"n":"b"}],"last":1}`)
	got, err := documents.Row(Record{}, Sole, envelope.Row{Op: change.Delete, Version: 7, Document: image})
	if err != nil || got.ID != "2" || got.Op != change.Delete || got.Body != nil {
		t.Errorf("%+v %v", got, err)
	}
	former, moved := documents.Former(Record{}, Sole, envelope.Row{Op: change.Index, Version: 7, Before: image}, "3")
	if !moved || former.ID != "2" {
		t.Errorf("%+v %v", former, moved)
	}
	if got, err := documents.Row(Record{}, Sole, envelope.Row{Op: change.Delete, Document: []byte(`{"orderNo":"a"}`)}); err == nil {
		t.Errorf("%+v", got)
	}
}
