package lambda

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// authorizer is what API Gateway says of a caller whose token it has verified.
type authorizer struct {
	JWT struct {
		Claims map[string]string `json:"claims"`
		Scopes []string          `json:"scopes"`
	} `json:"jwt"`
}

// open are the routes that template.yaml leaves without an authorizer.
func open(r *http.Request) bool {
	return r.Method == http.MethodOptions || r.Method == http.MethodGet && r.URL.Path == "/healthz"
}

// authorize reads the claims of the request's token; not ok without a token.
func (f Front) authorize(r *http.Request) (*authorizer, bool) {
	if !f.Unsigned || open(r) {
		return nil, true
	}
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		return nil, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil, false
	}
	var claims map[string]any
	if json.Unmarshal(payload, &claims) != nil {
		return nil, false
	}
	a := &authorizer{}
	a.JWT.Claims = map[string]string{}
	for name, value := range claims {
		a.JWT.Claims[name] = fmt.Sprint(value) // a list as [a b], as AWS does
	}
	return a, true
}
