package cloud

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// seen sends a message and tells the request.
func seen(t *testing.T, c Config) (host, authorization, token string) {
	t.Helper()
	api := sqs.NewFromConfig(c.AWS(), func(o *sqs.Options) {
		o.HTTPClient = sender(func(r *http.Request) {
			host, authorization, token = r.URL.Host, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
		})
		o.RetryMaxAttempts = 1
	})
	_, _ = api.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("https://queue"), MessageBody: aws.String("x")})
	return host, authorization, token
}

type sender func(*http.Request)

func (s sender) Do(r *http.Request) (*http.Response, error) {
	s(r)
	return &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}}, nil
}

func TestClientsUseWhatLambdaSets(t *testing.T) {
	c := Config{Region: "eu-west-1", AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: "token"}
	host, authorization, token := seen(t, c)
	if host != "sqs.eu-west-1.amazonaws.com" || !strings.Contains(authorization, "Credential=AKID/") || !strings.Contains(authorization, "/eu-west-1/sqs/") || token != "token" {
		t.Error(host, authorization, token)
	}
	c.FIPS = true
	if host, _, _ = seen(t, c); host != "sqs-fips.eu-west-1.amazonaws.com" {
		t.Error(host)
	}
	c.FIPS, c.Endpoint = false, "http://127.0.0.1:9"
	if host, _, _ = seen(t, c); host != "127.0.0.1:9" {
		t.Error(host)
	}
}

// A bucket with S3 Object Lock refuses an object without one.
func TestWhatIsPutIntoABucketHasAChecksum(t *testing.T) {
	var sum string
	c := Config{Region: "eu-west-1", AccessKeyID: "AKID", SecretAccessKey: "secret"}
	api := s3.NewFromConfig(c.AWS(), func(o *s3.Options) {
		o.HTTPClient = sender(func(r *http.Request) { sum = r.Header.Get("X-Amz-Checksum-Crc32") + r.Header.Get("X-Amz-Trailer") })
		o.RetryMaxAttempts = 1
	})
	_, _ = api.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("letters"), Key: aws.String("a"), Body: strings.NewReader("x")})
	if sum == "" {
		t.Error("no checksum")
	}
}

func TestCredentialsThatChangeAreAskedForWhenNeeded(t *testing.T) {
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.Header.Get("Authorization") != "let me" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = io.WriteString(w, `{"AccessKeyId":"ASIA","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}`)
	}))
	defer web.Close()
	cfg := Config{Region: "eu-west-1", CredentialsURI: web.URL, CredentialsToken: "let me"}.AWS()
	if asked != 0 {
		t.Error("asked before they are needed")
	}
	for range 2 {
		keys, err := cfg.Credentials.Retrieve(context.Background())
		if err != nil || keys.AccessKeyID != "ASIA" || keys.SessionToken != "t" {
			t.Error(keys, err)
		}
	}
	if asked != 1 {
		t.Error("asked", asked)
	}
}
