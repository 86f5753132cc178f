// Command passon is the least that a function can do to have documents stored: it sends
// the payload on as it came, as if it were a bulk body, and reads the reply unread. It is
// the floor under every handler: the runtime's and HTTP's own share.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

type handler struct{ url string }

func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/passed-on", bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return nil, err
	}
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", reply.StatusCode)
	}
	return []byte(`{"batchItemFailures":[]}`), nil
}

func main() { lambda.StartWithOptions(handler{os.Getenv("OPENSEARCH_URL")}) }
