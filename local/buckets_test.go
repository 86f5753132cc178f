package main

import (
	"testing"

	"github.com/sluice-dev/sluice/shared/object"
)

func TestServersNotificationIsSentOnAsS3WouldWriteIt(t *testing.T) {
	body, bucket := asS3Writes([]byte(`{"Records":[{"eventSource":"aws:s3","eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"a b/é+.gz","size":8,"eTag":"\"e\"","versionId":null}}}]}`))
	n, ok := object.Notified(body)
	if !ok || bucket != "logs" || len(n.Created) != 1 || n.Created[0].Key != "a b/é+.gz" || n.Created[0].ETag != "e" || n.Created[0].Size != 8 {
		t.Errorf("%s is read as %+v", body, n)
	}
	if body, _ = asS3Writes([]byte(`{"Bucket":"Test-Bucket","Event":"s3:TestEvent","Service":"S3"}`)); body != nil {
		if n, ok := object.Notified(body); !ok || n.Others != 1 || len(n.Created) != 0 {
			t.Errorf("%s is not the test event", body)
		}
	}
}
