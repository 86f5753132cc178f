package part

import (
	"context"
	"strings"
	"testing"
)

func TestRedisStartsPlainWithAPasswordAndWithTLS(t *testing.T) {
	for name, c := range map[string]struct {
		options RedisOptions
		url     string
	}{
		"plain":        {RedisOptions{}, "redis://127.0.0.1:"},
		"TLS":          {RedisOptions{TLS: true, Password: "secret"}, "rediss://:secret@127.0.0.1:"},
		"a small one":  {RedisOptions{Settings: []string{"--maxmemory", "3mb"}}, "redis://127.0.0.1:"},
		"of a cluster": {RedisOptions{Cluster: true}, "redis://127.0.0.1:"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := StartRedis(t.Context(), Home{Data: t.TempDir()}, c.options)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := r.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			}()
			if answer, err := r.Say(t.Context(), "PING"); answer != "+PONG" || err != nil || !strings.HasPrefix(r.URL, c.url) {
				t.Errorf("%s: %s %v", r.URL, answer, err)
			}
		})
	}
}
