package lambda

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func TestUnsignedTokensAreClaimsAsTheJWTAuthorizerWritesThem(t *testing.T) {
	f, _ := function(t, lambdatest.Config{}, "echo")
	server := httptest.NewServer(Front{Function: f, Unsigned: true})
	t.Cleanup(server.Close)
	token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"tenant_id":"acme","groups":["a","b"],"ok":true}`)) + "."
	for header, want := range map[string]string{
		"Bearer " + token: `{"groups":"[a b]","ok":"true","tenant_id":"acme"}`, token: `{"groups":"[a b]","ok":"true","tenant_id":"acme"}`,
		"": "", "Bearer x": "", "Bearer a.b.c": "", "Bearer a.%.c": "",
	} {
		req := request(t, "GET", server.URL+"/v1/x/search", "", nil)
		req.Header.Set("Authorization", header)
		res, body := ask(t, req)
		if want == "" {
			if res.StatusCode != http.StatusUnauthorized || body != `{"message":"Unauthorized"}` || res.Header.Get("Www-Authenticate") == "" {
				t.Errorf("%q: %d %s", header, res.StatusCode, body)
			}
			continue
		}
		var e httpEvent
		if err := json.Unmarshal([]byte(body), &e); err != nil || e.RequestContext.Authorizer == nil {
			t.Fatalf("%q: %v %s", header, err, body)
		}
		if got, _ := json.Marshal(e.RequestContext.Authorizer.JWT.Claims); string(got) != want {
			t.Errorf("%q: %s", header, got)
		}
	}
	if e := echoed(t, request(t, "GET", server.URL+"/healthz", "", nil)); e.RequestContext.Authorizer != nil {
		t.Error("healthz has an authorizer")
	}
}
