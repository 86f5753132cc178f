package client

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestTheSecretComesFromSecretsManagerByARN(t *testing.T) {
	s := serve(t, status(200, `{"ARN":"arn:x","SecretString":"{\"username\":\"u\"}"}`), status(200, `{"ARN":"arn:x","SecretBinary":"AA=="}`))
	secrets := SecretsManager(aws.Config{Region: "eu-west-1", Credentials: staticKeys, BaseEndpoint: &s.URL})
	got, err := secrets.Secret(t.Context(), "arn:x")
	if err != nil || got != `{"username":"u"}` {
		t.Fatalf("%q %v", got, err)
	}
	if request := s.seen()[0]; string(request.body) != `{"SecretId":"arn:x"}` || request.header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
		t.Fatalf("%+v", request)
	}
	if _, err := secrets.Secret(t.Context(), "arn:x"); err == nil {
		t.Fatal("a binary secret is taken")
	}
}
