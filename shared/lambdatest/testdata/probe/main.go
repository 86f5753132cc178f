// Command probe is the function that tests of the platform run: its event says how
// it is to behave. SQS and Kinesis records say it in their bodies, together.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func main() {
	switch os.Getenv("PROBE_INIT") {
	case "exit":
		fmt.Fprint(os.Stderr, "probe: exit while starting") // and no newline
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "error":
		fmt.Println(post("init/error", `{"errorType":"Probe.Init","errorMessage":"no settings"}`))
		os.Exit(1)
	}
	go announceSIGTERM()
	var options []lambda.Option
	if os.Getenv("PROBE_SIGTERM") != "" {
		options = append(options, lambda.WithEnableSIGTERM())
	}
	lambda.StartWithOptions(probe{}, options...)
}

// announceSIGTERM says so when one comes, asked for or not, and lives on.
func announceSIGTERM() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	for range signals {
		fmt.Println("probe: SIGTERM")
	}
}

type probe struct{}

type order struct {
	Do      string          `json:"do"`
	Sleep   int             `json:"sleep"` // milliseconds, before anything else
	Bytes   int             `json:"bytes"`
	Answer  json.RawMessage `json:"answer"`
	Answers string          `json:"answers"` // as it is, JSON or not
	Paths   []string        `json:"paths"`
}

// Invoke logs the event, so that a test sees what arrived, and does as told.
func (probe) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	fmt.Println("event " + strings.ReplaceAll(string(payload), "\n", " "))
	if script := os.Getenv("PROBE_SCRIPT"); script != "" {
		return scripted(script, payload)
	}
	var o order
	if err := json.Unmarshal(payload, &o); err != nil {
		return payload, nil
	}
	time.Sleep(time.Duration(o.Sleep) * time.Millisecond)
	switch o.Do {
	case "fail":
		return nil, errors.New("told to fail")
	case "panic":
		panic("told to panic")
	case "exit":
		os.Exit(2)
	case "hang":
		select {}
	case "big":
		return []byte(`"` + strings.Repeat("x", o.Bytes) + `"`), nil
	case "answer":
		if o.Answers != "" {
			return []byte(o.Answers), nil
		}
		return o.Answer, nil
	case "who":
		return who(ctx)
	case "post": // to the Runtime API, behind aws-lambda-go's back
		lc, _ := lambdacontext.FromContext(ctx)
		for _, path := range o.Paths {
			fmt.Println(path, post(strings.ReplaceAll(path, "<id>", lc.AwsRequestID), `"posted"`))
		}
	}
	return payload, nil
}

func post(path, body string) (status string) {
	res, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/"+path, "application/json", strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	_ = res.Body.Close()
	return res.Status
}

func who(ctx context.Context) ([]byte, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"pid": os.Getpid(), "dir": dir, "env": os.Environ(), "request": lc.AwsRequestID,
		"arn": lc.InvokedFunctionArn, "left_ms": time.Until(deadline).Milliseconds(),
	})
}

// scripted answers as the test's file says, read anew each time: the file is the
// test's hand on a running function.
func scripted(path string, payload []byte) ([]byte, error) {
	script, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(string(script)), " ")
	switch word {
	case "echo":
		return payload, nil
	case "fail":
		return nil, errors.New("told to fail")
	case "hang":
		select {}
	case "sleep":
		pause, err := time.ParseDuration(rest)
		if err != nil {
			return nil, err
		}
		time.Sleep(pause)
		fmt.Println("slept")
		return []byte(`{"batchItemFailures":[]}`), nil
	case "answer":
		return []byte(rest), nil
	case "poison": // fail as long as a record's body is this word
		if failures, err := report(strings.Fields(rest), payload); err != nil || strings.Contains(string(failures), "itemIdentifier") {
			return nil, errors.New("poisoned")
		}
		return []byte(`{"batchItemFailures":[]}`), nil
	case "report": // the records whose body is one of these words
		return report(strings.Fields(rest), payload)
	}
	return nil, fmt.Errorf("script %q", word)
}

type record struct {
	MessageID string `json:"messageId"`
	Body      string `json:"body"`
	Kinesis   struct {
		Data           []byte `json:"data"`
		SequenceNumber string `json:"sequenceNumber"`
	} `json:"kinesis"`
}

func report(bad []string, payload []byte) ([]byte, error) {
	var event struct{ Records []record }
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	failures := []map[string]string{}
	for _, r := range event.Records {
		for _, word := range bad {
			if r.Body == word {
				failures = append(failures, map[string]string{"itemIdentifier": r.MessageID})
			} else if string(r.Kinesis.Data) == word {
				failures = append(failures, map[string]string{"itemIdentifier": r.Kinesis.SequenceNumber})
			}
		}
	}
	return json.Marshal(map[string]any{"batchItemFailures": failures})
}
