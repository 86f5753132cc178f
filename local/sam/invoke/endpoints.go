package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
)

// endpoints is what is used of the file that `make run` writes.
type endpoints struct {
	OpenSearch string
	AWS        string
	Queues     struct {
		Ingest     string `json:"ingest"`
		DeadLetter string `json:"dead_letter"`
	}
}

func readEndpoints(path string) (e endpoints, err error) {
	text, err := os.ReadFile(path) //nolint:gosec // given by the caller
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(text, &e)
}

var value = regexp.MustCompile(`<Value>(\d+)</Value>`)

// deadLetters is how many wait in the dead-letter queue.
func (e endpoints) deadLetters(ctx context.Context) (int, error) {
	url := e.Queues.DeadLetter + "?Action=GetQueueAttributes&Version=2012-11-05&AttributeName.1=ApproximateNumberOfMessages"
	body, err := send(ctx, http.MethodGet, url)
	if err != nil {
		return 0, err
	}
	found := value.FindSubmatch(body)
	if found == nil {
		return 0, fmt.Errorf("the dead-letter queue answers %.200s", body)
	}
	return strconv.Atoi(string(found[1]))
}

// refresh makes what is stored findable now, not only after the index's own interval.
func (e endpoints) refresh(ctx context.Context) error {
	_, err := send(ctx, http.MethodPost, e.OpenSearch+"/_refresh")
	return err
}

func send(ctx context.Context, method, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	return io.ReadAll(answer.Body)
}
