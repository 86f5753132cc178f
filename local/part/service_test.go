package part

import (
	"net/http/httptest"
	"testing"
)

func TestRequestsAreToldApartByServiceAsClientsSendThem(t *testing.T) {
	for name, c := range map[string]struct {
		url, target, authorization, want string
	}{
		"an SQS JSON call":             {"/", "AmazonSQS.SendMessage", "", "sqs"},
		"an SQS query call":            {"/", "", "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0", "sqs"},
		"an unsigned call to a queue":  {"/000000000000/ingest?Action=ReceiveMessage", "", "", "sqs"},
		"a presigned call":             {"/?X-Amz-Credential=k%2F20260101%2Fus-east-1%2Fsqs%2Faws4_request", "", "", "sqs"},
		"a Kinesis call":               {"/", "Kinesis_20131202.PutRecord", "", "kinesis"},
		"a secret":                     {"/", "secretsmanager.GetSecretValue", "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0", "secretsmanager"},
		"an S3 object like a queue":    {"/000000000000/ingest", "", "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0", "s3"},
		"a key with a slash":           {"/", "", "AWS4-HMAC-SHA256 Credential=a/b/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0", "sqs"},
		"something that names nothing": {"/", "", "", "this AWS service"},
	} {
		r := httptest.NewRequest("POST", c.url, nil)
		r.Header.Set("X-Amz-Target", c.target)
		r.Header.Set("Authorization", c.authorization)
		if got := serviceOf(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
