//go:build rows

package main

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
)

func TestRowsWithoutADatabaseAreRefused(t *testing.T) {
	set, err := collection.Load(fstest.MapFS{"sales.yaml": {Data: []byte(saleFile)}})
	if err != nil {
		t.Fatal(err)
	}
	for dsn, want := range map[string]string{
		"":                               "collection sales has rows, and ROWS_DSN is empty: set it",
		"host=hunter2 port=x":            "ROWS_DSN is not a DSN",
		"postgres://localhost:5432/shop": "",
	} {
		s := newServer(Config{RowsDSN: dsn}, set, nil, nil, nil, time.Now)
		err := s.openTables(nil, time.Now)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%q: %v", dsn, err)
		}
	}
	plain, err := collection.Load(fstest.MapFS{"sales.yaml": {Data: []byte(strings.Split(saleFile, "rows:")[0])}})
	if err != nil {
		t.Fatal(err)
	}
	if err := newServer(Config{}, plain, nil, nil, nil, time.Now).openTables(nil, time.Now); err != nil {
		t.Error(err)
	}
}
