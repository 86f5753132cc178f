package rotation

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"12h": 12 * time.Hour, "30d": 30 * day, "8w": 56 * day, "36500d": 36500 * day, "forever": forever} {
		got, err := parseRetention(text)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		if text != "8w" && text != describe(got) {
			t.Errorf("%s is described as %s", text, describe(got))
		}
	}
	for _, text := range []string{"", " ", "d", "30", "0", "0d", "-1d", "-0d", "+", "1.5d", "30 d", "30days", "1mo", "90s", "3m", "1D", "99999999999999999999d", "36501d", "Forever", "1d1h", "１d"} {
		if got, err := parseRetention(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"1b": 1, "500mb": 500 << 20, "30gb": 30 << 30, "2tb": 2 << 40} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "30", "30GB", "-1gb", "0gb", "1.5gb", "99999999999tb", "gb"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}

func TestBuildNamesEveryMistakeWithItsKey(t *testing.T) {
	minus := -1
	_, err := Build("logs", Config{
		Policy: "periodic", Period: "week", Retention: "0", MaxFuture: "x", KeepAtLeast: -1, DeleteOnlyAfterSnapshot: true,
		Rollover: &Rollover{}, Replicas: &minus, RefreshInterval: "fast", Shards: -1,
		Settled:  &Settled{After: "1", Replicas: &minus, RefreshInterval: "x", ForceMerge: -1},
		Settings: map[string]any{"index.number_of_shards": 3, "index": map[string]any{}},
	}, Mapping{})
	wrong, ok := errors.AsType[Mistakes](err)
	if !ok {
		t.Fatalf("%v", err)
	}
	got := map[string]bool{}
	for _, m := range wrong {
		got[strings.Join(m.Path, ".")] = true
	}
	for _, path := range []string{"period", "retention", "max_future", "keep_at_least", "delete_only_after_snapshot", "rollover", "replicas",
		"refresh_interval", "shards", "settled.after", "settled.replicas", "settled.refresh_interval", "settled.force_merge", "settings"} {
		if !got[path] {
			t.Errorf("%s is not told: %v", path, err)
		}
	}
}

func TestBuildRefusesKeysOfAnotherPolicy(t *testing.T) {
	for want, cfg := range map[string]Config{
		"index.policy: is required":                      {},
		"there is no policy weekly":                      {Policy: "weekly"},
		"index.retention: single has one index":          {Policy: "single", Retention: "30d"},
		"index.settled: single has one index":            {Policy: "single", Settled: &Settled{}},
		"index.period: belongs to the policy periodic":   {Policy: "single", Period: "day"},
		"index.rollover: is required":                    {Policy: "rollover"},
		"index.rollover.max_age: \"1\" has no unit":      {Policy: "rollover", Rollover: &Rollover{MaxAge: "1"}},
		"index.rollover.max_size: \"30\" is not a size":  {Policy: "rollover", Rollover: &Rollover{MaxSize: "30"}},
		"index.rollover.max_docs: cannot be negative":    {Policy: "rollover", Rollover: &Rollover{MaxDocs: -1}},
		"data_stream needs the collection's time":        {Policy: "data_stream", Rollover: &Rollover{MaxDocs: 1}},
		"index.snapshot_repository: has no effect alone": {Policy: "periodic", Period: "day", SnapshotRepository: "x"},
	} {
		if _, err := Build("logs", cfg, Mapping{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if _, err := Build("Logs/*", Config{Policy: "single"}, Mapping{}); err == nil {
		t.Error("a name that cannot name indices was taken")
	}
}

func TestTemplateIsTheSameBytesForTheSameFile(t *testing.T) {
	two := 2
	cfg := Config{Policy: "periodic", Period: "day", Shards: 3, Replicas: &two, Settings: map[string]any{"index.codec": "best_compression", "max_result_window": 5000}}
	mapping := Mapping{Properties: []byte(`{"n": {"type": "long"}}`), Dynamic: "strict"}
	p, err := Build("logs", cfg, mapping)
	if err != nil {
		t.Fatal(err)
	}
	tpl := p.Template()
	const create = `{"settings":{"index":{"codec":"best_compression","max_result_window":5000,"number_of_replicas":2,"number_of_shards":3,"refresh_interval":"10s"}},` +
		`"mappings":{"dynamic":"strict","_meta":{"sluice":{"collection":"logs","template":VERSION}},"properties":{"n":{"type":"long"}}}}`
	const body = `{"_meta":{"description":"made by Sluice from collections/logs.yaml"},"index_patterns":["logs-*"],"priority":104,"template":` + create + `,"version":VERSION}`
	version := strings.TrimSuffix(string(tpl.Body[strings.LastIndexByte(string(tpl.Body), ':')+1:]), "}")
	same(t, string(tpl.Create), strings.ReplaceAll(create, "VERSION", version))
	same(t, string(tpl.Body), strings.ReplaceAll(body, "VERSION", version))
	for range 20 {
		again, _ := Build("logs", cfg, mapping)
		same(t, string(again.Template().Body), string(tpl.Body))
	}
	cfg.Shards = 4
	other, _ := Build("logs", cfg, mapping)
	if other.Template().Version == tpl.Version {
		t.Error("another content has the same version")
	}
}
