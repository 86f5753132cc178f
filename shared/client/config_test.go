package client

import (
	"strings"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/shared/config"
)

func TestEveryMistakeOfTheConfigurationIsNamedAtOnce(t *testing.T) {
	err := Config{URL: "ftp://x", Auth: "sigv4", DialTimeout: -1, MaxAttempts: -1, CompressAbove: -2}.Validate()
	for _, name := range []string{"OPENSEARCH_URL", "OPENSEARCH_AUTH", "OPENSEARCH_DIAL_TIMEOUT", "OPENSEARCH_MAX_ATTEMPTS", "OPENSEARCH_COMPRESS_ABOVE"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestConfigurationsThatCannotWorkAreRefused(t *testing.T) {
	for name, c := range map[string]Config{
		"no URL":                   {},
		"no scheme":                {URL: "localhost:9200"},
		"a query":                  {URL: "http://x?pretty"},
		"a password without basic": {URL: "http://u:p4ssw0rd@x"},
		"a broken URL":             {URL: "http://u:p4ssw0rd@x:port"},
		"basic without a user":     {URL: "http://x", Auth: AuthBasic},
		"two users":                {URL: "http://u:p4ssw0rd@x", Auth: AuthBasic, SecretARN: "arn:x"},
		"a secret without basic":   {URL: "http://x", SecretARN: "arn:x"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Validate()
			if err == nil || strings.Contains(err.Error(), "p4ssw0rd") {
				t.Fatal(err)
			}
		})
	}
}

func TestZeroMeansTheDefault(t *testing.T) {
	if err := (Config{URL: "http://x"}).Validate(); err != nil {
		t.Fatal(err)
	}
	c := Config{}.withDefaults()
	if c.Auth != AuthNone || c.IdleTimeout != 55*time.Second || c.MaxAttempts != 4 || c.CompressAbove != 0 {
		t.Fatalf("%+v", c)
	}
	t.Setenv("OPENSEARCH_URL", "http://x")
	var loaded Config
	if err := config.Load(&loaded); err != nil {
		t.Fatal(err)
	}
	if want := (Config{URL: "http://x"}).withDefaults(); loaded != want {
		t.Fatalf("the tags say\n%+v, the code\n%+v", loaded, want)
	}
	if got := (Config{Auth: AuthES}).withDefaults().CompressAbove; got != 8192 {
		t.Fatal(got)
	}
}

func TestNewNamesWhatItWasNotGiven(t *testing.T) {
	_, err := New(Config{URL: "http://x", Auth: AuthES}, Deps{})
	for _, want := range []string{"Now", "Credentials", "AWS_REGION"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
	_, err = New(Config{URL: "http://x", Auth: AuthBasic, SecretARN: "arn:x"}, Deps{Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "Secrets") {
		t.Error(err)
	}
	if _, err = New(Config{URL: "http://x"}, Deps{Now: time.Now}); err != nil {
		t.Error(err)
	}
}
