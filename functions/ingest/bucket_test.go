package main

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// bucket holds objects as S3 does; a test may have it fail.
type bucket struct {
	objects  map[string]string // "bucket/key" -> content
	requests []*s3.GetObjectInput
	refuse   func(n int) (status int, code string) // request n, from 1
	cut      func(n int) int                       // bytes after which its connection is lost; 0: never
}

func etag(content string) string {
	sum := md5.Sum([]byte(content)) //nolint:gosec // what S3's etags are
	return hex.EncodeToString(sum[:])
}

func refused(status int, code string) error {
	return &smithy.OperationError{ServiceID: "S3", OperationName: "GetObject", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: &smithy.GenericAPIError{Code: code}}}}
}

func (b *bucket) GetObject(ctx context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b.requests = append(b.requests, in)
	n := len(b.requests)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if b.refuse != nil {
		if status, code := b.refuse(n); status != 0 {
			return nil, refused(status, code)
		}
	}
	content, ok := b.objects[*in.Bucket+"/"+*in.Key]
	if !ok {
		return nil, refused(http.StatusNotFound, "NoSuchKey")
	}
	if in.IfMatch != nil && *in.IfMatch != `"`+etag(content)+`"` {
		return nil, refused(http.StatusPreconditionFailed, "PreconditionFailed")
	}
	tag := etag(content)
	if in.Range != nil {
		from, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(*in.Range, "bytes="), "-"))
		content = content[from:]
	}
	body := io.Reader(strings.NewReader(content))
	if b.cut != nil {
		if most := b.cut(n); most > 0 {
			body = io.MultiReader(io.LimitReader(body, int64(most)), lost{})
		}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(body), ETag: aws.String(`"` + tag + `"`), LastModified: aws.Time(noon)}, nil
}

type lost struct{}

func (lost) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

func (b *bucket) put(name, content string) {
	if b.objects == nil {
		b.objects = map[string]string{}
	}
	b.objects[name] = content
}

// told is S3's notification of objects of bucket b01.
func (b *bucket) told(keys ...string) string {
	var all []string
	for _, key := range keys {
		content := b.objects["b01/"+key]
		all = append(all, fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b01"},`+
			`"object":{"key":%q,"size":%d,"eTag":%q,"sequencer":"0065"}}}`, url.QueryEscape(key), len(content), etag(content)))
	}
	return `{"Records":[` + strings.Join(all, ",") + `]}`
}

func (m *mailbox) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String("http://localhost/" + *in.QueueName)}, nil
}

// again is what was sent to the queue as the event that it will be.
func (m *mailbox) again() []byte {
	var records []string
	for i, e := range m.sent {
		attributes := map[string]any{}
		for name, v := range e.MessageAttributes {
			attributes[name] = map[string]any{"stringValue": aws.ToString(v.StringValue), "dataType": "String"}
		}
		text, _ := json.Marshal(attributes)
		body, _ := json.Marshal(*e.MessageBody)
		records = append(records, fmt.Sprintf(`{"messageId":"c%d","body":%s,"attributes":{"SentTimestamp":"1779008703310"},"messageAttributes":%s,"eventSource":"aws:sqs","eventSourceARN":%q}`,
			i, body, text, queueARN))
	}
	m.sent = nil
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

// noise is text that hardly packs.
func noise(n int) string {
	raw := make([]byte, n*3/4)
	_, _ = rand.NewChaCha8([32]byte{}).Read(raw)
	return base64.RawStdEncoding.EncodeToString(raw)[:n]
}
