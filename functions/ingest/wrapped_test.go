package main

import (
	"fmt"
	"testing"
)

// snsBody is what SNS sends to a queue of its subscription.
func snsBody(id, message, attributes string) string {
	return fmt.Sprintf(`{
  "Type" : "Notification",
  "MessageId" : %q,
  "TopicArn" : "arn:aws:sns:us-east-1:123456789012:orders",
  "Message" : %q,
  "Timestamp" : "2026-05-17T11:59:58.123Z",
  "SignatureVersion" : "1",
  "Signature" : "EXAMPLEpH+",
  "SigningCertURL" : "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000.pem",
  "UnsubscribeURL" : "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:orders:c9135db0",
  "MessageAttributes" : {%s}
}`, id, message, attributes)
}

const snsCollection = `"collection" : {"Type":"String","Value":"logs"}`

func TestSNSMessageSentTwiceIsOneDocument(t *testing.T) {
	h := newHarness(t)
	body := snsBody("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", `{"message":"hello"}`, snsCollection)
	for _, queueID := range []string{"q1", "q2"} {
		if failed := h.failures(t, messageEvent(queueID, body, "{}")); failed != nil || len(h.queue.letters) > 0 {
			t.Fatal(failed, h.queue.brief("cause"))
		}
	}
	h.holds(t, "logs-2026-05-17.write", map[string]string{
		"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324": `{"@timestamp":"2026-05-17T11:59:58.123Z","message":"hello"}`,
	})
}

func messageEvent(id, body, attributes string) []byte {
	return fmt.Appendf(nil, `{"Records":[{"messageId":%q,"body":%q,"attributes":{"SentTimestamp":"1779019199000"},"messageAttributes":%s,
		"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:q"}]}`, id, body, attributes)
}
