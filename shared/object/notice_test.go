package object

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const told = `{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:CompleteMultipartUpload","s3":{"s3SchemaVersion":"1.0","bucket":{"name":"logs","arn":"x"},"object":{"key":"a+b/%C3%A9%2B.gz","size":12,"eTag":"e-2","versionId":"v","sequencer":"1"}}}`

var notifications = []struct {
	name, body string
	created    []Notice
	others     int
	ok         bool
}{
	{"S3's own", `{"Records":[` + told + `]}`, []Notice{{"logs", "a b/é+.gz", "v", "e-2", 12, []byte(`{"Records":[` + told + `]}`)}}, 0, true},
	{"several, one of them a removal", `{"Records":[` + told + `,{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"logs"},"object":{"key":"k"}}},` + told + `]}`,
		[]Notice{{"logs", "a b/é+.gz", "v", "e-2", 12, []byte(`{"Records":[` + told + `]}`)}, {"logs", "a b/é+.gz", "v", "e-2", 12, []byte(`{"Records":[` + told + `]}`)}}, 1, true},
	{"without size, etag and version", `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k%"}}}]}`,
		[]Notice{{"b", "k%", "", "", -1, []byte(`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k%"}}}]}`)}}, 0, true},
	{"EventBridge's", `{"version":"0","detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"a+b%20c","size":3,"etag":"e","version-id":"v"}}}`,
		[]Notice{{"b", "a+b%20c", "v", "e", 3, []byte(`{"version":"0","detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"a+b%20c","size":3,"etag":"e","version-id":"v"}}}`)}}, 0, true},
	{"EventBridge's of a removal", `{"detail-type":"Object Deleted","source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`, nil, 1, true},
	{"S3's test", `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"t","Bucket":"b"}`, nil, 1, true},
	{"nothing", `{"Records":[]}`, nil, 1, true},
	{"no objects among other members", `{"Records":[],"more":1}`, nil, 0, false},
	{"CloudTrail's records", `{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}]}`, nil, 0, false},
	{"records of two kinds", `{"Records":[` + told + `,{"eventSource":"aws:sqs"}]}`, nil, 0, false},
	{"an object without a key", `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"}}}]}`, nil, 0, false},
	{"a log line", `s3 is down`, nil, 0, false},
	{"a document", `{"source":"aws.s3","n":1}`, nil, 0, false},
	{"more text after it", `{"Records":[` + told + `]} x`, nil, 0, false},
}

func TestNotificationsAreTold(t *testing.T) {
	for _, n := range notifications {
		got, ok := Notified([]byte(n.body))
		if diff := cmp.Diff(Notification{n.created, n.others}, got); ok != n.ok || ok && diff != "" {
			t.Errorf("%s: %t (-want +got):\n%s", n.name, ok, diff)
		}
	}
}
