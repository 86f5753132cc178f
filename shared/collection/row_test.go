package collection

import (
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
