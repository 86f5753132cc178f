package infra

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func (t template) alarmOn(metric, dimension string) bool {
	for _, a := range t.of("AWS::CloudWatch::Alarm") {
		for _, d := range list(a["Dimensions"]) {
			if a["MetricName"] == metric && (ref(at(d, "Value")) == dimension || text(d, "Value") == dimension) {
				return true
			}
		}
	}
	return false
}

func TestEveryFunctionIsWatched(t *testing.T) {
	tpl := load(t)
	for id := range tpl.functions() {
		for _, metric := range []string{"Errors", "Throttles", "Duration"} {
			if !tpl.alarmOn(metric, id) {
				t.Errorf("no alarm on %s of %s", metric, id)
			}
		}
	}
}

func TestEveryQueueIsWatched(t *testing.T) {
	tpl := load(t)
	read := []string{}
	for _, tr := range tpl.triggers() {
		if tr.Type == "SQS" {
			read = append(read, ref(tr.Properties["Queue"]))
		}
	}
	for id := range tpl.of("AWS::SQS::Queue") {
		metric := "ApproximateNumberOfMessagesVisible" // nobody reads it: one record is news
		if slices.Contains(read, id) {
			metric = "ApproximateAgeOfOldestMessage"
		}
		if !tpl.alarmOn(metric, id) {
			t.Errorf("no alarm on %s of %s", metric, id)
		}
	}
}

func TestOwnMetricsAreWatched(t *testing.T) {
	tpl := load(t)
	for metric, dimension := range map[string]string{"BatchItemFailures": "ingest", "Heartbeat": "rotate", "IteratorAge": "IngestStreamFunction"} {
		if !tpl.alarmOn(metric, dimension) {
			t.Errorf("no alarm on %s of %s", metric, dimension)
		}
	}
}

func TestASilentRotationRaisesItsAlarm(t *testing.T) {
	a := load(t).of("AWS::CloudWatch::Alarm")["HeartbeatAlarm"]
	if a["TreatMissingData"] != "breaching" || a["ComparisonOperator"] != "LessThanThreshold" {
		t.Errorf("missing heartbeats are %v, compared by %v", a["TreatMissingData"], a["ComparisonOperator"])
	}
}

func TestAlarmsComeBeforeTheTimeout(t *testing.T) {
	tpl := load(t)
	for id, a := range tpl.of("AWS::CloudWatch::Alarm") {
		if a["MetricName"] != "Duration" {
			continue
		}
		f := ref(at(list(a["Dimensions"])[0], "Value"))
		if ms, _ := a["Threshold"].(int); ms >= 1000*timeout(tpl.functions()[f]) {
			t.Errorf("%s never fires: %s is stopped before", id, f)
		}
	}
}

func TestEveryAlarmTellsSomebodyAndIsInTheGuide(t *testing.T) {
	guide := string(read(t, "docs/deploy.md"))
	for id, a := range load(t).of("AWS::CloudWatch::Alarm") {
		if ref(list(a["AlarmActions"])[0]) != "AlarmTopic" {
			t.Errorf("%s tells nobody", id)
		}
		if text(a, "AlarmDescription") == "" || !strings.Contains(guide, "`"+id+"`") {
			t.Errorf("%s is not explained", id)
		}
	}
}

func TestDashboardAndAccessLogAreJSON(t *testing.T) {
	tpl := load(t)
	body := list(at(tpl.of("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"], "Fn::Sub"))[0].(string)
	format := text(tpl.of("AWS::ApiGatewayV2::Stage")["ApiStage"], "AccessLogSettings", "Format")
	for name, s := range map[string]string{"dashboard": body, "access log": format} {
		if !json.Valid([]byte(s)) {
			t.Errorf("the %s is not JSON", name)
		}
	}
}
