package client

import (
	"testing"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/rotation"
)

var (
	ordersTarget = rotation.Target{Name: "orders", Index: "orders-000001", Alias: true}
	template200  = status(200, `{"index_templates":[{"index_template":{"version":7}}]}`)
)

const (
	getTemplate = "GET /_index_template/sluice-orders"
	lookOrders  = "GET /orders%2Corders-%2A%2Corders-000001"
	putOrders   = `PUT /orders-000001 {"aliases":{"orders":{"is_write_index":true}},"mappings":{},"settings":{}}`
)

func TestEnsureMakesWhatIsMissingAndRemembersIt(t *testing.T) {
	inOrder := found200(index("orders-000001", "orders", `"orders":{"is_write_index":true}`))
	s := serve(t, status(404, `{}`), status(200, `{}`), ok, ok, template200, inOrder)
	c := ours(t, s.URL)
	for range 3 {
		if err := c.Ensure(t.Context(), ordersTarget, ordersTemplate); err != nil {
			t.Fatal(err)
		}
	}
	wantLines(t, s, getTemplate, lookOrders, `PUT /_index_template/sluice-orders {"t":1}`, putOrders, getTemplate, lookOrders)
	c.Forget(ordersTarget)
	if err := c.Ensure(t.Context(), ordersTarget, ordersTemplate); err == nil { // the script's last answer is no template
		t.Error("what was forgotten was not looked at")
	}
}

func TestEnsureRefusesAnIndexThatIsNotTheCollections(t *testing.T) {
	s := serve(t, template200, found200(index("orders-000001", "theirs", ``)))
	err := ours(t, s.URL).Ensure(t.Context(), ordersTarget, ordersTemplate)
	wantKind(t, err, fault.Conflict)
	s = serve(t, template200, found200(index("orders", "", ``)))
	wantKind(t, ours(t, s.URL).Ensure(t.Context(), ordersTarget, ordersTemplate), fault.Conflict)
}

func TestEnsureLeavesAnOlderTemplateToRotate(t *testing.T) {
	s := serve(t, status(200, `{"index_templates":[{"index_template":{"version":3}}]}`), status(200, `{}`), ok, template200,
		found200(index("orders-000001", "orders", `"orders":{"is_write_index":true}`)))
	if err := ours(t, s.URL).Ensure(t.Context(), ordersTarget, ordersTemplate); err != nil {
		t.Fatal(err)
	}
	wantLines(t, s, getTemplate, lookOrders, putOrders, getTemplate, lookOrders)
}

func TestEnsureOfADataStream(t *testing.T) {
	stands := status(200, `{"data_streams":[{"indices":[{"index_name":".ds-orders-000001"}]}]}`)
	s := serve(t, status(404, `{}`), status(404, `{}`), ok, ok, template200, stands)
	if err := ours(t, s.URL).Ensure(t.Context(), rotation.Target{Name: "orders"}, ordersTemplate); err != nil {
		t.Fatal(err)
	}
	wantLines(t, s, getTemplate, "GET /_data_stream/orders", `PUT /_index_template/sluice-orders {"t":1}`, "PUT /_data_stream/orders", getTemplate, "GET /_data_stream/orders")
}
