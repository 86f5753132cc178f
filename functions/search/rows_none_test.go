//go:build !rows

package main

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-dev/sluice/shared/collection"
)

func TestRowsThatAreNotLinkedAreRefused(t *testing.T) {
	set, err := collection.Load(fstest.MapFS{"sales.yaml": {Data: []byte(saleFile)}})
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(Config{}, set, nil, nil, nil, time.Now)
	if err := s.openTables(nil, time.Now); err == nil || !strings.Contains(err.Error(), "tag rows") {
		t.Errorf("%v", err)
	}
}
