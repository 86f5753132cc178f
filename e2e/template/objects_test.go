package infra

import (
	"slices"
	"testing"
)

// Objects are read in the named buckets alone, and by the queue's function alone.
func TestObjectsAreReadInNamedBucketsByTheQueuesFunctionAlone(t *testing.T) {
	tpl := load(t)
	actions := map[string][]string{}
	tpl.statements(func(id string, s object) {
		for _, a := range list(s["Action"]) {
			if name := a.(string); len(name) > 3 && (name[:3] == "s3:" || name[:4] == "kms:") && !ofDeadLetters(s) && !ofExports(s) {
				actions[id] = append(actions[id], name)
			}
		}
	})
	want := map[string][]string{"ObjectReadPolicy": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}, "ObjectKeyPolicy": {"kms:Decrypt"}}
	for id, all := range want {
		if !slices.Equal(actions[id], all) {
			t.Errorf("%s allows %v, want %v", id, actions[id], all)
		}
		if condition := text(tpl.Resources[id], "Condition"); condition != "HasObjects" && condition != "HasObjectKeys" {
			t.Errorf("%s is there without buckets", id)
		}
		delete(actions, id)
	}
	if len(actions) > 0 {
		t.Errorf("others may read objects: %v", actions)
	}
	for id, role := range tpl.of("AWS::IAM::Role") {
		holds := false
		walk(role, func(v any) { holds = holds || ref(v) == "ObjectReadPolicy" })
		if holds != (id == "IngestQueueRole") {
			t.Errorf("%s: reads objects: %t", id, holds)
		}
	}
}

// S3 may send to the one queue whose function reads objects, for the named buckets.
func TestBucketsMaySendToTheQueueThatReadsObjects(t *testing.T) {
	found := 0
	load(t).statements(func(_ string, s object) {
		if text(s, "Principal", "Service") != "s3.amazonaws.com" {
			return
		}
		found++
		if text(s, "Resource", "Fn::GetAtt") != "IngestQueue.Arn" && ref(s["Resource"]) != "IngestQueue" {
			t.Errorf("S3 may send to %v", s["Resource"])
		}
		if at(s, "Condition", "ArnEquals", "aws:SourceArn") == nil || at(s, "Condition", "StringEquals", "aws:SourceAccount") == nil {
			t.Error("S3 may send for anybody")
		}
	})
	if found != 1 {
		t.Errorf("%d statements", found)
	}
}
