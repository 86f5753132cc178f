// Command rawsearch is the least that a function can do to answer a search: it sends one
// ready-made query and gives the reply on unread, in the answer that an HTTP API wants. It
// is the floor under every handler: the runtime's, HTTP's and JSON's own share.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type handler struct {
	url  string
	body []byte
}

func (h handler) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(h.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %w", reply.StatusCode, err)
	}
	return json.Marshal(events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: string(text)})
}

func main() {
	lambda.StartWithOptions(handler{os.Getenv("OPENSEARCH_URL") + os.Getenv("BENCH_SEARCH_PATH"), []byte(os.Getenv("BENCH_SEARCH_BODY"))})
}
