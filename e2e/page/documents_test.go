package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// collections writes the task root's: two that are shipped, and our own.
func collections(dir string) error {
	root := filepath.Join(dir, "collections")
	if err := os.MkdirAll(root, 0o750); err != nil {
		return err
	}
	for _, name := range []string{"logs", "orders"} {
		text, err := os.ReadFile("../../collections/" + name + ".yaml")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, name+".yaml"), text, 0o600); err != nil {
			return err
		}
	}
	visits, err := os.ReadFile("../../collections/logs.yaml")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "visits.yaml"), []byte(strings.Replace(string(visits), "name: logs", "name: visits", 1)), 0o600); err != nil {
		return err
	}
	for name, text := range map[string]string{"paths": paths, "remembered": remembered, "changing": changing, "hostile": hostile, "empty": empty, "partial": empty} {
		if err := os.WriteFile(filepath.Join(root, name+".yaml"), []byte("name: "+name+"\n"+text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

const (
	paths = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
fields:
  "@timestamp": {type: date}
  file.path: {type: keyword}
  note: {type: keyword}
`
	remembered = `append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
search: {default: [message], cache: {fresh: 10m}}
fields:
  "@timestamp": {type: date}
  message: {type: text}
  severity_text: {type: keyword}
`
	changing = `id: {fields: [id]}
time: {field: updated_at}
version: {field: version}
index: {policy: single, replicas: 0}
search: {default: [note]}
fields:
  id: {type: keyword}
  version: {type: long}
  status: {type: keyword}
  note: {type: text}
  updated_at: {type: date}
`
	empty = `description: Nothing yet.
append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
fields:
  "@timestamp": {type: date}
  level: {type: keyword}
`
)

func documents() error {
	orders := map[string]string{}
	for i, status := range []string{"new", "paid", "shipped", "cancelled", "paid"} {
		id := fmt.Sprintf("A-%d", 1001+i)
		orders[id] = fmt.Sprintf(`{"id":%q,"version":%d,"number":%d,"status":%q,"currency":"EUR","total":%d.50,"updated_at":%q,"customer":{"name":"Ada Lovelace","email":"ada@example.com"},"items":[{"sku":"B-7","name":"Lamp","quantity":2,"price":19.90},{"sku":"C-1","name":"Desk","quantity":1,"price":240.00}],"note":"Leave it at the door"}`,
			id, 1+i, 9007199254740993+i, status, 40+i*13, stage.begun.Add(-time.Duration(i)*time.Hour).Format(time.RFC3339))
	}
	return errors.Join(put("logs", logs(1200)), put("orders", orders), put("paths", pathDocuments()), put("hostile", hostileDocuments()))
}

// logs are the events of some services over the last hour, with a time in which one of
// them fails.
func logs(n int) map[string]string {
	r := rand.New(rand.NewPCG(7, 7))
	all := map[string]string{}
	for i := range n {
		back := time.Duration(float64(time.Hour) * (1 - float64(i)/float64(n)))
		if i%9 == 0 {
			back = time.Duration(r.IntN(600))*time.Second + 18*time.Minute // the failure
		}
		all[fmt.Sprintf("e-%04d", i)] = event(r, stage.begun.Add(-back), back > 18*time.Minute && back < 28*time.Minute)
	}
	return all
}

var (
	services = []string{"checkout", "checkout", "payments", "catalogue", "catalogue", "catalogue", "search"}
	urls     = []string{"/cart", "/cart/items", "/api/orders", "/api/products/lamp-7", "/api/products/desk-1", "/login", "/assets/app.js"}
)

func event(r *rand.Rand, at time.Time, failing bool) string {
	service, url := services[r.IntN(len(services))], urls[r.IntN(len(urls))]
	level, status, message := "INFO", 200, fmt.Sprintf("GET %s answered in %d ms", url, 3+r.IntN(90))
	extra := map[string]any{"attributes": map[string]any{"region": "eu-central-1", "attempt": 1 + r.IntN(2)}}
	switch {
	case failing && r.IntN(3) > 0:
		service, url, level, status = "payments", "/api/orders", "ERROR", 503
		message = fmt.Sprintf("connection to the payment provider timed out after %d ms", 3000+r.IntN(2000))
		extra["exception"] = map[string]any{"type": "TimeoutError", "message": "read timed out", "stacktrace": "TimeoutError: read timed out\n    at charge (payments/provider.js:118:11)\n    at async submit (payments/order.js:42:3)"}
	case r.IntN(14) == 0:
		level, status, message = "WARN", 404, "no product of the name in "+url
	case r.IntN(9) == 0:
		level, message = "DEBUG", fmt.Sprintf("cache miss for %s, %d keys looked at", url, r.IntN(400))
	}
	document := map[string]any{
		"@timestamp": at.Format("2006-01-02T15:04:05.000Z"), "message": message, "severity_text": level,
		"service":  map[string]any{"name": service, "version": "1.14.2"},
		"host":     map[string]any{"name": fmt.Sprintf("ip-10-0-%d-%d", r.IntN(3), 11+r.IntN(5))},
		"http":     map[string]any{"request": map[string]any{"method": "GET"}, "response": map[string]any{"status_code": status, "body": map[string]any{"size": r.IntN(90000)}}},
		"url":      map[string]any{"path": url},
		"trace_id": fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()),
	}
	for k, v := range extra {
		document[k] = v
	}
	text, _ := json.Marshal(document)
	return string(text)
}

// pathDocuments are those of the case from the field.
func pathDocuments() map[string]string {
	return map[string]string{
		"p1": `{"@timestamp":"2026-02-10T10:00:00Z","file":{"path":"C:\\temp\\"},"note":"one"}`,
		"p2": `{"@timestamp":"2026-02-10T10:00:01Z","file":{"path":"/api/v1/items"},"note":"two"}`,
		"p3": `{"@timestamp":"2026-02-10T10:00:02Z","file":{"path":"api"},"note":"three"}`,
		"p4": `{"@timestamp":"2026-02-10T10:00:03Z","file":{"path":"say \"hi\" * (1+1):[x]"},"note":"four"}`,
	}
}
