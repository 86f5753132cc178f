package infra

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var buildTarget = regexp.MustCompile(`(?m)^build-(\w+):.*\bbootstrap,(\w+)\)`)

// folders is which folder of functions/ each logical id is built from, by sam.mk.
func folders(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, m := range buildTarget.FindAllStringSubmatch(string(read(t, "sam.mk")), -1) {
		found[m[1]] = m[2]
	}
	return found
}

func TestEachFunctionResourceBuildsFromAFolderAndEachFolderIsBuilt(t *testing.T) {
	functions, targets := load(t).functions(), folders(t)
	if got, want := slices.Sorted(maps.Keys(targets)), slices.Sorted(maps.Keys(functions)); !slices.Equal(got, want) {
		t.Errorf("sam.mk builds %v, template.yaml has %v", got, want)
	}
	built := slices.Compact(slices.Sorted(maps.Values(targets)))
	if have := subfolders(t, "functions"); !slices.Equal(built, have) {
		t.Errorf("sam.mk builds from %v, functions/ has %v", built, have)
	}
}

func subfolders(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestFunctionsRunTheRightBinaryWhereItWasBuiltFor(t *testing.T) {
	tpl := load(t)
	f := at(tpl.Globals, "Function")
	if got := text(f, "Runtime"); got != "provided.al2023" {
		t.Errorf("Runtime is %q, want provided.al2023", got)
	}
	if text(f, "Handler") != "bootstrap" || text(f, "CodeUri") != "." {
		t.Errorf("Handler %v, CodeUri %v: want bootstrap from the root", at(f, "Handler"), at(f, "CodeUri"))
	}
	for id, r := range tpl.Resources {
		if text(r, "Type") == "AWS::Serverless::Function" && text(r, "Metadata", "BuildMethod") != "makefile" {
			t.Errorf("%s: BuildMethod is not makefile", id)
		}
	}
}

// The events of a trigger are the files that begin with its name.
func eventPrefix(tr trigger, folder string) string {
	switch {
	case tr.Type == "SQS" && strings.Contains(ref(tr.Properties["Queue"]), "Fifo"):
		return folder + "-sqs-fifo"
	case tr.Type == "SQS" || tr.Type == "Kinesis" || tr.Type == "DynamoDB" || tr.Type == "Kafka" || tr.Type == "RabbitMQ":
		return folder + "-" + strings.ToLower(tr.Type)
	}
	return folder
}

func TestEachTriggerHasItsEventAndEachEventItsTrigger(t *testing.T) {
	tpl, built := load(t), folders(t)
	files, err := filepath.Glob(filepath.Join(root, "events", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("events/ is empty: %v", err)
	}
	claimed := map[string]bool{}
	for _, tr := range tpl.triggers() {
		prefix := eventPrefix(tr, built[tr.Function])
		found := false
		for _, f := range files {
			if name := filepath.Base(f); name == prefix+".json" || strings.HasPrefix(name, prefix+"-") {
				claimed[f], found = true, true
			}
		}
		if !found {
			t.Errorf("%s of %s has no events/%s*.json", tr.Name, tr.Function, prefix)
		}
	}
	for _, f := range files {
		if !claimed[f] {
			t.Errorf("%s belongs to no trigger", filepath.Base(f))
		}
	}
}

func TestScheduleSendsWhatRotationReads(t *testing.T) {
	for _, tr := range load(t).triggers() {
		if tr.Type != "ScheduleV2" {
			continue
		}
		var sent, event object
		if err := json.Unmarshal([]byte(text(tr.Properties, "Input")), &sent); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(read(t, "events/rotate-schedule.json"), &event); err != nil {
			t.Fatal(err)
		}
		if got, want := slices.Collect(maps.Keys(sent)), slices.Collect(maps.Keys(event)); !slices.Equal(got, want) {
			t.Errorf("Input has %v, events/rotate-schedule.json %v", got, want)
		}
		if sent["time"] != "<aws.scheduler.scheduled-time>" {
			t.Errorf("time is %v, not the schedule's own: two attempts would be two runs", sent["time"])
		}
	}
}

// `sam local start-api` takes the kind of API from the first resource that is one.
func TestTheAPIStandsBeforeTheFunctions(t *testing.T) {
	source := string(read(t, "template.yaml"))
	api, function := strings.Index(source, "Type: AWS::ApiGatewayV2::"), strings.Index(source, "Type: AWS::Serverless::Function")
	if api < 0 || api > function {
		t.Error("sam local start-api would find no API")
	}
}
