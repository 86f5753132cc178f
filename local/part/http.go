package part

import (
	"context"
	"io"
	"net/http"
)

// Login is a name and a password for HTTP basic authentication.
type Login struct{ Name, Password string }

func statusOf(ctx context.Context, url string, as *Login) (int, error) {
	status, _, err := send(ctx, http.MethodGet, url, nil, as)
	return status, err
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
