package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
)

// tool runs `local dead-letters` as a user does beside an account on AWS.
func (s *scene) tool(args ...string) (output string, err error) {
	s.Helper()
	out, err := s.command(args...).CombinedOutput()
	s.Logf("dead-letters %s\n%s", strings.Join(args, " "), out)
	return string(out), err
}

func (s *scene) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.Context(), world.local, append([]string{"dead-letters"}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+world.aws, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"OPENSEARCH_URL="+s.node, "OPENSEARCH_AUTH=none", "COLLECTIONS_DIR="+filepath.Join(s.task, "collections"))
	return cmd
}

// told runs the tool, and wants it to succeed and to say all that.
func (s *scene) told(args []string, want ...string) {
	s.Helper()
	out, err := s.tool(args...)
	if err != nil {
		s.Fatalf("%v: %s", err, out)
	}
	for _, w := range want {
		s.says(out, w)
	}
}

// all indices there are, with their mappings.
func (s *scene) everything() string {
	s.Helper()
	_, mapping := send(s, s.node, http.MethodGet, "/"+s.collection+"*/_mapping", "")
	_, copies := send(s, s.node, http.MethodGet, "/_cat/indices/sluice-preview-*?h=index", "")
	return string(mapping) + string(copies)
}

// From the alarm to the mended index, as a person goes it.
func TestDeadLettersAreListedTriedAndSentBackByTheTool(t *testing.T) {
	t.Parallel()
	s := newScene(t, strings.Replace(wrongLogs, "append_only: true", "append_only: true\ndynamic: \"true\"", 1))
	fn := s.function("ingest", patient)
	var all []message
	for i := range 25 {
		all = append(all, message{ID: fmt.Sprintf("bad%02d", i), Body: fmt.Sprintf(`{"@timestamp":"2026-03-01T10:00:00Z","n":%d,"extra%d":"x"}`, i, i)})
	}
	all = append(all, message{ID: "none", Body: `{"secret-body":1}`})
	s.same("reported", s.invoke(fn, s.event(all...)), none)
	p := s.pipe(30, 10, s.function("ingest", patient)) // its mapping starts with the redrive
	queue := []string{"-queue", s.dead}

	// What is there.
	s.told(append([]string{"list"}, queue...), "26 dead letters", "    25  mapper_parsing_exception  "+s.collection, "     1  time_missing", "for example id bad", "dead-lettered up to 1 times", `field "n" is mapped as ip`)
	if out, _ := s.tool(append([]string{"list"}, queue...)...); strings.Contains(out, "secret-body") {
		t.Error("a body is shown without -body")
	}
	s.told(append([]string{"list", "-body", "-class", "time_missing"}, queue...), "1 dead letter", `body: {"secret-body":1}`)
	if got := depth(t, s.dead); got != "26 visible, 0 hidden" {
		t.Errorf("after looking: %s", got)
	}

	// What a redrive would do: nothing good yet, and then, with the file mended but not its index, neither.
	before := s.everything()
	s.told(append([]string{"preview"}, queue...), "26 dead letters", "25 would be refused", "1 would be refused")
	s.define(s.collection, rightLogs)
	s.told(append([]string{"preview"}, queue...), "25 would be refused")
	if after := s.everything(); after != before {
		t.Errorf("the preview left something behind:\n%s\n%s", before, after)
	}
	if got := depth(t, s.dead); got != "26 visible, 0 hidden" {
		t.Errorf("after the preview: %s", got)
	}
	s.mend(rightLogs)
	s.told(append([]string{"preview"}, queue...), "25 would be stored", "1 would be refused", "documents: 25 would be new or newer, 0 are stored already")
	if got := s.indices(); len(got) != 0 {
		t.Errorf("the preview made %v", got)
	}

	// A redrive of the mended ones, and of them alone.
	s.told(append([]string{"redrive", "-dry-run", "-class", "mapper_parsing_exception"}, queue...), "25 would be sent to "+p.url)
	s.told(append([]string{"redrive", "-rate", "50", "-class", "mapper_parsing_exception"}, queue...), "25 dead letters sent to "+p.url)
	p.drained(time.Minute)
	var want []string
	for _, m := range all[:25] {
		want = append(want, m.ID)
	}
	s.same("documents", keys(s.documents()), want)
	if got := depth(t, s.dead); got != "1 visible, 0 hidden" {
		t.Errorf("left: %s", got)
	}
	// The rest is not mended: sent back, it dies once more, and is not sent again by the same run.
	s.told(append([]string{"redrive"}, queue...), "1 dead letter sent")
	p.drained(time.Minute)
	s.told(append([]string{"list"}, queue...), "dead-lettered up to 2 times")
	// Nothing there.
	s.told(append([]string{"list", "-collection", "another"}, queue...), "0 dead letters")
}

// What SQS itself gave up on has its id in the message that a redrive leaves behind:
// the tool takes it along, so that the documents stored before are the same.
func TestToolKeepsTheIdsOfWhatSQSMovedItself(t *testing.T) {
	s := newScene(t, appendOnly)
	fn := s.function("ingest", patient)
	url, _ := queue(t, s.collection+"-in", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + s.deadARN() + `","maxReceiveCount":1}`})
	body := `{"@timestamp":"2026-03-01T10:00:00Z","n":1}` + "\n" + `{"@timestamp":"2026-03-01T10:00:00Z","n":2}`
	sent, err := world.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
	if err != nil {
		t.Fatal(err)
	}
	s.same("stored, but never acknowledged", s.invoke(fn, s.event(message{ID: *sent.MessageId, Body: body})), none)
	eventually(t, 10*time.Second, func() string {
		_, _ = world.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
		return strings.TrimPrefix(depth(t, s.dead), "1 visible, 0 hidden")
	})
	s.define(s.collection, "sources: [{queue: "+s.collection+"-in}]\n"+appendOnly)
	s.told([]string{"list", "-queue", s.dead}, "given_up", *sent.MessageId)
	s.told([]string{"preview", "-queue", s.dead}, "1 would be stored", "0 would be new or newer, 2 are stored already")
	p := s.pipe(30, 10, s.function("ingest", patient))
	s.told([]string{"redrive", "-queue", s.dead, "-to", p.url}, "1 dead letter sent")
	p.drained(time.Minute)
	s.same("documents", keys(s.documents()), []string{*sent.MessageId + "#0", *sent.MessageId + "#1"})
}

// A redrive of many, of which some die again at once: it ends, and each is sent once.
func TestRedriveDoesNotGoRoundWithWhatDiesAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fn := s.function("ingest", patient)
	var all []message
	for i := range 120 {
		all = append(all, message{ID: fmt.Sprintf("m%03d", i), Body: fmt.Sprintf(`{"n":%d}`, i)})
	}
	s.same("reported", s.invoke(fn, s.event(all...)), none)
	p := s.pipe(30, 10, fn)
	s.told([]string{"redrive", "-queue", s.dead, "-rate", "60"}, "120 dead letters sent")
	p.drained(time.Minute)
	deaths := map[string]int{}
	for _, m := range s.deadLetters() {
		deaths[attribute(m, "id")] = noteOf(t, m).Attempts
	}
	if len(deaths) != 120 || slices.Max(slices.Collect(maps.Values(deaths))) != 2 {
		t.Errorf("%d letters, %v", len(deaths), deaths)
	}
}

func TestToolSaysWhatIsWrongWithItsUse(t *testing.T) {
	s := newScene(t, appendOnly)
	other, _ := queue(t, s.collection+"-alone", nil)
	for want, args := range map[string][]string{
		"usage:":                     {},
		"give a time such as":        {"list", "-before", "yesterday", "-queue", s.dead},
		"name the one to send to":    {"redrive", "-queue", other},
		"-to is the queue itself":    {"redrive", "-queue", other, "-to", other},
		"all arguments are flags":    {"list", s.dead},
		"give the parking queue's":   {"list", "-parking", "-queue", s.dead},
		"read " + s.dead + "nowhere": {"list", "-queue", s.dead + "nowhere"},
	} {
		out, err := s.tool(args...)
		if err == nil {
			t.Errorf("%v is taken", args)
		}
		s.says(out, want)
	}
}

// The queue of what SQS moved out of the FIFO queue: a redrive keeps the order of each
// group, sends each once, and the ids are those of the messages that were first sent.
func TestRedriveOfAFIFOQueueKeepsGroupsAndIds(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fifo := map[string]string{"FifoQueue": "true"}
	dead, deadARN := queue(t, s.collection+"-dead.fifo", fifo)
	source, _ := queue(t, s.collection+"-in.fifo", merged(fifo, map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + deadARN + `","maxReceiveCount":1}`}))
	var want []string
	for i := range 6 {
		body, group, once := fmt.Sprintf(`{"@timestamp":"2026-03-01T10:00:00Z","n":%d}`, i), fmt.Sprint("g", i%2), fmt.Sprint("d", i)
		sent, err := world.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &source, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: &once})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, *sent.MessageId)
	}
	eventually(t, 20*time.Second, func() string {
		_, _ = world.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &source, MaxNumberOfMessages: 10})
		return strings.TrimPrefix(depth(t, dead), "6 visible, 0 hidden")
	})
	to, _ := queue(t, s.collection+"-to.fifo", merged(fifo, map[string]string{"VisibilityTimeout": "30"}))
	s.told([]string{"redrive", "-queue", dead, "-to", to}, "6 dead letters sent")
	s.define(s.collection, "sources: [{queue: "+s.collection+"-in.fifo}]\n"+appendOnly)
	if got := depth(t, to); got != "6 visible, 0 hidden" {
		t.Errorf("sent: %s", got)
	}
	fn := s.function("ingest", merged(patient, map[string]string{"DEFAULT_COLLECTION": s.collection}))
	read := s.runs(lambda.Queue{Client: world.sqs, URL: to, Function: fn, BatchSize: 10, ReportBatchItemFailures: true}.Run)
	eventually(t, time.Minute, func() string { return strings.TrimPrefix(depth(t, to), "0 visible, 0 hidden") })
	read()
	slices.Sort(want)
	s.same("documents", keys(s.documents()), want)
}

// Interrupted, it sends no more, and every letter is where it can be seen.
func TestInterruptedRedriveGivesTheRestBack(t *testing.T) {
	t.Parallel()
	s := newScene(t, appendOnly)
	fn := s.function("ingest", patient)
	var all []message
	for i := range 60 {
		all = append(all, message{ID: fmt.Sprintf("m%03d", i), Body: fmt.Sprintf(`{"n":%d}`, i)})
	}
	s.same("reported", s.invoke(fn, s.event(all...)), none)
	to, _ := queue(t, s.collection+"-to", nil)
	cmd := s.command("redrive", "-queue", s.dead, "-to", to, "-rate", "10")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, func() string {
		if strings.HasPrefix(depth(t, to), "0 ") {
			return "nothing is sent yet"
		}
		return ""
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Errorf("it ended as if all were done: %s", out.String())
	}
	var sent, left, hidden int
	if _, err := fmt.Sscanf(depth(t, to), "%d visible, 0 hidden", &sent); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(depth(t, s.dead), "%d visible, %d hidden", &left, &hidden); err != nil || hidden != 0 || sent+left != 60 || left == 0 {
		t.Errorf("%d sent, %d left, %d hidden: %s", sent, left, hidden, out.String())
	}
	s.says(out.String(), fmt.Sprintf("%d dead letters sent", sent))
}

// Beside `make run` it finds everything in endpoints.json.
func TestToolFindsTheRunThatIsUp(t *testing.T) {
	s := newScene(t, appendOnly)
	s.same("reported", s.invoke(s.function("ingest", patient), s.event(message{ID: "bad", Body: `{"n":1}`})), none)
	to, _ := queue(t, s.collection+"-to", nil)
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module x\n")
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), world.local, append([]string{"dead-letters"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("list")
	if err == nil {
		t.Error("nothing is running, and it lists")
	}
	s.says(out, "make run")
	write(".local/endpoints.json", fmt.Sprintf(`{"aws":%q,"region":"us-east-1","opensearch":%q,"queues":{"ingest":%q,"dead_letter":%q,"parking":%q}}`, world.aws, s.node, to, s.dead, to))
	for want, args := range map[string][]string{"1 dead letter in " + s.dead: {"list"}, "0 dead letters in " + to: {"list", "-parking"}} {
		out, err := run(args...)
		if err != nil {
			t.Errorf("%v: %v", args, err)
		}
		s.says(out, want)
	}
	if out, err = run("redrive"); err != nil || depth(t, to) != "1 visible, 0 hidden" {
		t.Errorf("%v: %s", err, out)
	}
}

// SQS hides what it gave in an answer that never came: the tool cannot see those letters,
// and says so.
func TestToolTellsOfLettersThatALostAnswerHides(t *testing.T) {
	s := newScene(t, appendOnly)
	var all []message
	for i := range 12 {
		all = append(all, message{ID: fmt.Sprintf("m%03d", i), Body: fmt.Sprintf(`{"n":%d}`, i)})
	}
	s.same("reported", s.invoke(s.function("ingest", patient), s.event(all...)), none)
	line, err := faultproxy.Start(world.aws)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	line.Inject(faultproxy.Always, 1, faultproxy.ResetAfter)
	cmd := s.command("list", "-queue", s.dead)
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+line.URL)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.says(string(out), "2 dead letters in ")
	s.says(string(out), "Up to 10 more are hidden for 5m0s: the queue's answer was lost. Run it again then")
	s.same("left", []string{depth(t, s.dead)}, []string{"2 visible, 10 hidden"})
}
