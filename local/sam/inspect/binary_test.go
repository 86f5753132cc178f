package main

import "testing"

// A product whose collections have expressions or rows is built with their tags.
func TestTagsOfLibrariesThatACollectionNeedsAreNoMistake(t *testing.T) {
	for tags, want := range map[string]bool{
		"lambda.norpc,nomsgpack": false, "lambda.norpc,nomsgpack,expr": true,
		"lambda.norpc,nomsgpack,rows": true, "lambda.norpc,nomsgpack,expr,rows": true,
	} {
		if rest, larger := optional(tags); rest != "lambda.norpc,nomsgpack" || larger != want {
			t.Errorf("%s: %s, %v", tags, rest, larger)
		}
	}
	if rest, _ := optional("netgo,rows"); rest != "netgo" {
		t.Errorf("a tag of somebody else's is kept back: %s", rest)
	}
}
