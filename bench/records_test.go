package main

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

func TestDocumentsAreJSONOfTheirSize(t *testing.T) {
	for _, size := range []int{353, 1024, 4096} {
		for _, d := range documents(lookAlikes(10_000, rand.New(rand.NewPCG(1, 2))), 10_000, size) {
			if len(d) != size || !json.Valid(d) {
				t.Fatalf("%d: %s", len(d), d)
			}
		}
	}
}
