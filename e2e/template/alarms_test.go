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
	for _, watched := range [][2]string{
		{"BatchItemFailures", "ingest"}, {"Heartbeat", "rotate"}, {"IteratorAge", "IngestStreamFunction"}, {"IteratorAge", "IngestTableFunction"},
	} {
		if !tpl.alarmOn(watched[0], watched[1]) {
			t.Errorf("no alarm on %s of %s", watched[0], watched[1])
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

func TestDashboardShowsEveryFunctionAndEveryQueueThatNobodyReads(t *testing.T) {
	tpl := load(t)
	sub := list(at(tpl.of("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"], "Fn::Sub"))
	body := sub[0].(string)
	names := map[string]string{} // of what is there on a condition, by logical id
	for name, v := range sub[1].(object) {
		names[ref(list(at(v, "Fn::If"))[1])] = name
	}
	shown := func(metric, id, attribute string) bool {
		return strings.Contains(body, `"`+metric+`","`+attribute+`","${`+names[id]+`}"`) ||
			strings.Contains(body, `"`+metric+`","`+attribute+`","${`+id+`}"`) ||
			strings.Contains(body, `"`+metric+`","`+attribute+`","${`+id+`.QueueName}"`)
	}
	for id := range tpl.functions() {
		for _, metric := range []string{"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"} {
			if !shown(metric, id, "FunctionName") {
				t.Errorf("%s of %s is not shown", metric, id)
			}
		}
	}
	for id := range tpl.of("AWS::SQS::Queue") {
		if !shown("ApproximateNumberOfMessagesVisible", id, "QueueName") {
			t.Errorf("what waits in %s is not shown", id)
		}
	}
}
