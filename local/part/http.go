package part

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Login is a name and a password for HTTP basic authentication.
type Login struct{ Name, Password string }

// answers is nil if a GET is answered 200.
func answers(ctx context.Context, url string, as *Login) error {
	status, reply, err := send(ctx, http.MethodGet, url, nil, as)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %.200s", status, reply)
	}
	return err
}

func send(ctx context.Context, method, url string, body io.Reader, as *Login) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if as != nil {
		request.SetBasicAuth(as.Name, as.Password)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	return reply.StatusCode, content, err
}
