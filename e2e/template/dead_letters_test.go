package infra

import (
	"slices"
	"testing"
)

func TestTheDeadLetterBucketIsPrivateEncryptedAndOutlivesItsLetters(t *testing.T) {
	tpl := load(t)
	b := tpl.of("AWS::S3::Bucket")["DeadLetterBucket"]
	for _, flag := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if at(b, "PublicAccessBlockConfiguration", flag) != true {
			t.Errorf("%s is off", flag)
		}
	}
	rules := list(at(b, "BucketEncryption", "ServerSideEncryptionConfiguration"))
	if text(rules[0], "ServerSideEncryptionByDefault", "SSEAlgorithm") == "" {
		t.Error("it is not encrypted")
	}
	rule := list(at(b, "LifecycleConfiguration", "Rules"))[0]
	days, _ := at(rule, "ExpirationInDays").(int)
	retention, _ := tpl.of("AWS::SQS::Queue")["DeadLetterQueue"]["MessageRetentionPeriod"].(int)
	if least := 2 * retention / 86400; days <= least {
		t.Errorf("a body is gone after %d days: its letter may live %d in two queues", days, least)
	}
	if text(tpl.Resources["DeadLetterBucket"], "DeletionPolicy") != "Retain" {
		t.Error("removing the stack would fail on a bucket that is not empty")
	}
	if text(tpl.Resources["DeadLetterBucket"], "UpdateReplacePolicy") != "Retain" {
		t.Error("an update that replaces the bucket would delete its letters")
	}
}

func TestOnlyIngestReachesTheDeadLetterBucketAndOnlyItsQueueReads(t *testing.T) {
	want := map[string][]string{
		"IngestQueueRole":  {"s3:GetObject", "s3:ListBucket", "s3:PutObject"},
		"IngestStreamRole": {"s3:PutObject"}, "IngestTableRole": {"s3:PutObject"}, "IngestKafkaRole": {"s3:PutObject"}, "IngestRabbitMQRole": {"s3:PutObject"},
	}
	got := map[string][]string{}
	load(t).statements(func(id string, s object) {
		for _, a := range list(s["Action"]) {
			if action := a.(string); len(action) > 3 && action[:3] == "s3:" && s["Effect"] == "Allow" && ofDeadLetters(s) {
				got[id] = append(got[id], action)
			}
		}
	})
	for id := range got {
		slices.Sort(got[id])
		if !slices.Equal(got[id], want[id]) {
			t.Errorf("%s may %v, want %v", id, got[id], want[id])
		}
	}
	if len(got) != len(want) {
		t.Errorf("roles %v", got)
	}
}

// ofDeadLetters says that a statement is about the bucket of dead letters.
func ofDeadLetters(s object) bool {
	return slices.Contains(references(s["Resource"]), "DeadLetterBucket")
}

func TestNothingReadsTheParkingQueue(t *testing.T) {
	tpl := load(t)
	for _, tr := range tpl.triggers() {
		if ref(tr.Properties["Queue"]) == "ParkingQueue" || ref(tr.Properties["Queue"]) == "DeadLetterQueue" {
			t.Errorf("%s of %s reads dead letters: they would go round", tr.Name, tr.Function)
		}
	}
	if text(tpl.of("AWS::SQS::Queue")["ParkingQueue"], "RedriveAllowPolicy", "redrivePermission") != "denyAll" {
		t.Error("another queue may take the parking queue for its dead-letter queue")
	}
}
