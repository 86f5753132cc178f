package infra

import (
	"slices"
	"strings"
	"testing"
)

// seconds of a function, and of the window a trigger waits.
func timeout(f object) int { n, _ := f["Timeout"].(int); return n }
func window(properties object) int {
	n, _ := properties["MaximumBatchingWindowInSeconds"].(int)
	return n
}

func TestTimeoutsAreWithinWhatTheCallerWaits(t *testing.T) {
	tpl := load(t)
	for id, f := range tpl.functions() {
		if s := timeout(f); s < 1 || s > 900 {
			t.Errorf("%s: timeout %d s, want 1 to 900", id, s)
		}
	}
	for _, tr := range tpl.triggers() {
		if s := timeout(tpl.functions()[tr.Function]); tr.Type == "HttpApi" && s > 29 {
			t.Errorf("%s: timeout %d s, the HTTP API gives up after 30", tr.Function, s)
		}
	}
}

func TestQueuesHideRecordsForSixTimeoutsAndTheWindow(t *testing.T) {
	tpl := load(t)
	queues := tpl.of("AWS::SQS::Queue")
	for _, tr := range tpl.triggers() {
		if tr.Type != "SQS" {
			continue
		}
		id := ref(tr.Properties["Queue"])
		got, _ := queues[id]["VisibilityTimeout"].(int)
		if want := 6*timeout(tpl.functions()[tr.Function]) + window(tr.Properties); got < want {
			t.Errorf("%s: visibility %d s, want at least %d", id, got, want)
		}
	}
}

func TestEveryMappingReportsPartialFailures(t *testing.T) {
	mappings := 0
	for _, tr := range load(t).triggers() {
		if tr.Type != "SQS" && tr.Type != "Kinesis" && tr.Type != "DynamoDB" {
			continue
		}
		mappings++
		types, _ := tr.Properties["FunctionResponseTypes"].([]any)
		if !slices.Contains(types, any("ReportBatchItemFailures")) {
			t.Errorf("%s of %s ignores batchItemFailures", tr.Name, tr.Function)
		}
	}
	if mappings != 5 {
		t.Errorf("%d event source mappings, want those of queue, FIFO queue, stream, table and exports", mappings)
	}
}

// condition is of an Fn::If whose other branch is nothing.
func condition(v any) string {
	branches, _ := at(v, "Fn::If").([]any)
	if len(branches) != 3 || ref(branches[2]) != "AWS::NoValue" {
		return ""
	}
	return branches[0].(string)
}

// Lambda reads answers of a Kafka function in provisioned mode only, and there alone it takes
// a bound on retries. With a destination but without that bound it gives up after ten.
func TestKafkaMappingAnswersAndEndsInProvisionedModeOnly(t *testing.T) {
	tpl := load(t)
	m := tpl.of("AWS::Lambda::EventSourceMapping")["KafkaMapping"]
	for _, name := range []string{"ProvisionedPollerConfig", "FunctionResponseTypes", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "DestinationConfig"} {
		if got := condition(m[name]); got != "HasKafkaPollers" {
			t.Errorf("%s is there on condition %q", name, got)
		}
	}
	if n, _ := list(at(m["MaximumRetryAttempts"], "Fn::If"))[1].(int); n < 1000 {
		t.Errorf("given up after %d attempts", n)
	}
	said := list(at(tpl.variables("IngestKafkaFunction")["KAFKA_ITEM_FAILURES"], "Fn::If"))
	if len(said) != 3 || said[0] != "HasKafkaPollers" || said[1] != "true" || said[2] != "false" {
		t.Errorf("KAFKA_ITEM_FAILURES is %v: the function would answer what nobody reads", said)
	}
	if m["MaximumRecordAgeInSeconds"] != nil {
		t.Error("a record's age counts from its own time: old records would be thrown away unread")
	}
	if m["StartingPosition"] != "TRIM_HORIZON" {
		t.Error("what was there before is left out")
	}
}

func TestBrokerMappingAsksNothingThatAmazonMQDoesNotKnow(t *testing.T) {
	m := load(t).of("AWS::Lambda::EventSourceMapping")["RabbitMQMapping"]
	for _, name := range []string{"FunctionResponseTypes", "DestinationConfig", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "StartingPosition"} {
		if m[name] != nil {
			t.Errorf("%s is not Amazon MQ's", name)
		}
	}
	var kinds []string
	for _, a := range list(m["SourceAccessConfigurations"]) {
		kinds = append(kinds, text(a, "Type"))
	}
	if !slices.Equal(kinds, []string{"BASIC_AUTH", "VIRTUAL_HOST"}) {
		t.Errorf("access by %v", kinds)
	}
}

func TestQueueMappingsBoundTheirConcurrency(t *testing.T) {
	for _, tr := range load(t).triggers() {
		if tr.Type != "SQS" {
			continue
		}
		if at(tr.Properties, "ScalingConfig", "MaximumConcurrency") == nil {
			t.Errorf("%s of %s has no MaximumConcurrency", tr.Name, tr.Function)
		}
		if tr.Properties["ProvisionedPollerConfig"] != nil {
			t.Errorf("%s of %s: ProvisionedPollerConfig excludes ScalingConfig", tr.Name, tr.Function)
		}
		if strings.Contains(tr.Name, "Fifo") && (tr.Properties["BatchSize"] != 10 || window(tr.Properties) != 0) {
			t.Errorf("%s: a FIFO batch has at most 10 records and no window", tr.Name)
		}
	}
}

func TestStreamMappingEndsBeforeTheStreamForgets(t *testing.T) {
	const shortestRetention = 24 * 3600
	for _, tr := range load(t).triggers() {
		if tr.Type != "Kinesis" && tr.Type != "DynamoDB" {
			continue
		}
		p := tr.Properties
		if p["StartingPosition"] != "TRIM_HORIZON" {
			t.Error("what was there before is left out")
		}
		if p["BisectBatchOnFunctionError"] != true {
			t.Error("a batch that kills the function is not bisected")
		}
		if n, _ := p["MaximumRetryAttempts"].(int); n < 1 {
			t.Error("retries are not bounded")
		}
		if age, _ := p["MaximumRecordAgeInSeconds"].(int); age < 3600 || age >= shortestRetention {
			t.Errorf("records are given up at %d s, want between an hour and the retention of 24", age)
		}
		if text(p, "DestinationConfig", "OnFailure", "Type") != "SQS" {
			t.Error("no on-failure destination")
		}
		if p["TumblingWindowInSeconds"] != nil {
			t.Error("a tumbling window changes the answer's meaning")
		}
	}
}

func TestEveryReadQueueHasADeadLetterQueueOfItsKindThatKnowsIt(t *testing.T) {
	tpl := load(t)
	queues := tpl.of("AWS::SQS::Queue")
	for _, tr := range tpl.triggers() {
		if tr.Type != "SQS" {
			continue
		}
		id := ref(tr.Properties["Queue"])
		q := queues[id]
		dead, ok := queues[ref(at(q, "RedrivePolicy", "deadLetterTargetArn"))]
		if !ok {
			t.Errorf("%s has no dead-letter queue", id)
			continue
		}
		if q["FifoQueue"] != dead["FifoQueue"] {
			t.Errorf("%s and its dead-letter queue differ in FIFO", id)
		}
		allowed, _ := at(dead, "RedriveAllowPolicy", "sourceQueueArns").([]any)
		if len(allowed) != 1 || !strings.HasSuffix(text(allowed[0], "Fn::Sub"), ":"+text(q, "QueueName", "Fn::Sub")) {
			t.Errorf("%s: its dead-letter queue allows %v", id, allowed)
		}
		receives, _ := at(q, "RedrivePolicy", "maxReceiveCount").(int)
		// Soonest where ingest cannot hide what failed, latest where it hides it for an hour each time.
		soonest, latest := receives*q["VisibilityTimeout"].(int), receives*3600
		if soonest < 6*3600 || latest > q["MessageRetentionPeriod"].(int)/2 {
			t.Errorf("%s gives up after %d to %d s of trying: want over six hours, well within its retention", id, soonest, latest)
		}
	}
}

func TestEveryQueueIsEncryptedAndKeepsRecordsFourteenDays(t *testing.T) {
	for id, q := range load(t).of("AWS::SQS::Queue") {
		if q["SqsManagedSseEnabled"] != true || q["MessageRetentionPeriod"] != 1209600 {
			t.Errorf("%s: encryption %v, retention %v s", id, q["SqsManagedSseEnabled"], q["MessageRetentionPeriod"])
		}
	}
}
