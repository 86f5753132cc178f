package infra

import (
	"slices"
	"strings"
	"testing"
)

// ofExports says that a statement is about the bucket of exports, or its key.
func ofExports(s object) bool {
	names := references(s["Resource"])
	return slices.Contains(names, "ExportBucket") || slices.Contains(names, "ExportKeyArn")
}

func TestTheBucketOfExportsIsPrivateEncryptedAndExpires(t *testing.T) {
	tpl := load(t)
	b := tpl.of("AWS::S3::Bucket")["ExportBucket"]
	for _, flag := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if at(b, "PublicAccessBlockConfiguration", flag) != true {
			t.Errorf("%s is off", flag)
		}
	}
	rules := list(at(b, "BucketEncryption", "ServerSideEncryptionConfiguration"))
	if got := list(at(rules[0], "ServerSideEncryptionByDefault", "SSEAlgorithm", "Fn::If")); len(got) != 3 || got[0] != "HasExportKey" || got[1] != "aws:kms" || got[2] != "AES256" {
		t.Errorf("encrypted by %v", got)
	}
	if ref(at(list(at(b, "LifecycleConfiguration", "Rules"))[0], "ExpirationInDays")) != "ExportDays" {
		t.Error("exports do not expire")
	}
}

// The API's function begins jobs and signs links; only the worker's writes what is exported.
func TestOnlyTheWorkerWritesPartsAndNobodyDeletesThem(t *testing.T) {
	got := map[string][]string{}
	load(t).statements(func(id string, s object) {
		if !ofExports(s) || s["Principal"] != nil || s["Effect"] != "Allow" {
			return
		}
		for _, a := range list(s["Action"]) {
			path := "" // of a bucket without a path
			if sub, ok := at(s["Resource"], "Fn::Sub").([]any); ok {
				_, path, _ = strings.Cut(sub[0].(string), "${Bucket}")
			}
			got[id] = append(got[id], a.(string)+path)
		}
	})
	want := map[string][]string{
		"SearchRole":      {"s3:ListBucket", "s3:GetObject/exports/*", "s3:PutObject/exports/*/job.json"},
		"ExportRole":      {"s3:ListBucket", "s3:GetObject/exports/*", "s3:PutObject/exports/*"},
		"ExportKeyPolicy": {"kms:Decrypt", "kms:GenerateDataKey"},
	}
	for id := range got {
		if !slices.Equal(got[id], want[id]) {
			t.Errorf("%s may %v, want %v", id, got[id], want[id])
		}
	}
	if len(got) != len(want) {
		t.Errorf("roles %v", got)
	}
}

// Exports and searches take no concurrency from each other.
func TestExportsHaveAFunctionAndAConcurrencyOfTheirOwn(t *testing.T) {
	tpl, found := load(t), 0
	for _, tr := range tpl.triggers() {
		if ref(tr.Properties["Queue"]) != "ExportQueue" {
			continue
		}
		found++
		if tr.Function != "ExportFunction" || ref(at(tr.Properties, "ScalingConfig", "MaximumConcurrency")) != "ExportConcurrency" {
			t.Errorf("%s reads the queue of exports, %v at once", tr.Function, tr.Properties["ScalingConfig"])
		}
	}
	if found != 1 {
		t.Errorf("%d mappings", found)
	}
}
