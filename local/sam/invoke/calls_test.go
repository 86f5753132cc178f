package main

import (
	"os"
	"testing"
)

// `make sam` would find it after minutes only.
func TestEveryEventIsInACall(t *testing.T) {
	t.Chdir("../../..")
	if err := everyEvent(); err != nil {
		t.Error(err)
	}
	for _, c := range calls {
		if _, err := os.Stat("events/" + c.event); err != nil {
			t.Error(err)
		}
	}
}
