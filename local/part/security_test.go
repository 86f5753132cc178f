package part_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

func TestSecurityPluginAnswersStrangersAndTheForbidden(t *testing.T) {
	node := parttest.Start(t, part.Options{OpenSearch: &part.OpenSearchOptions{Security: true}}).OpenSearch
	reader := part.Login{Name: "reader", Password: "tulip-Gravel-97-kayak"}
	if err := node.Grant(t.Context(), reader, part.Role{Indices: []string{"public*"}, Actions: []string{"read"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who          string
		as           *part.Login
		method, path string
		want         int
	}{
		{"nobody", nil, "GET", "/", http.StatusUnauthorized},
		{"a wrong password", &part.Login{Name: "reader", Password: "guessed"}, "GET", "/public/_search", http.StatusUnauthorized},
		{"the admin", node.Admin, "PUT", "/public", http.StatusOK},
		{"a reader", &reader, "GET", "/public/_search", http.StatusOK},
		{"a reader elsewhere", &reader, "GET", "/private/_search", http.StatusForbidden},
		{"a reader who writes", &reader, "PUT", "/public/_doc/1", http.StatusForbidden},
	} {
		if got, reply := callAs(t, c.as, c.method, node.URL+c.path, "{}"); got != c.want {
			t.Errorf("%s: %s %s: %d, want %d: %s", c.who, c.method, c.path, got, c.want, strings.TrimSpace(reply))
		}
	}
}
