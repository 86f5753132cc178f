// Package redrive looks at a dead-letter queue and moves letters back to where records
// come from: what `local dead-letters` does, on AWS and beside `make run`. Looking
// consumes nothing: every letter that it was shown is given back. A letter is deleted
// only once the queue it was sent to has confirmed it. It refuses to keep bodies, to
// move what died after it began, and to move a message whose id it could not keep.
package redrive

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/deadletter"
	"github.com/sluice-dev/sluice/shared/message"
)

// Letter is one message of a dead-letter queue. Its Message has the body: who keeps a
// letter keeps that.
type Letter struct {
	Message    types.Message
	Note       deadletter.Note
	Type       string
	Cause      string
	Collection string
	ID         string
	Sent       time.Time // to the dead-letter queue; what SQS moved there, to its source
	ours       bool      // ingest dead-lettered it, SQS did not
}

// givenUp is the type of what SQS moved to the dead-letter queue itself.
const givenUp = "given_up"

func read(m types.Message) Letter {
	l := Letter{
		Message: m, Type: text(m, deadletter.Type), Cause: text(m, deadletter.Cause),
		Collection: text(m, deadletter.Collection), ID: text(m, deadletter.ID), Sent: millis(system(m, types.MessageSystemAttributeNameSentTimestamp)),
	}
	l.Note, l.ours = deadletter.Parse(text(m, deadletter.Attribute))
	if !l.ours && l.Type != "" && text(m, "arrived") != "" { // from before there were notes
		l.ours, l.Note.Source, l.Note.Attempts = true, text(m, "source"), 1
		l.Note.Arrived, _ = strconv.ParseInt(text(m, "arrived"), 10, 64)
	}
	if source := system(m, types.MessageSystemAttributeNameDeadLetterQueueSourceArn); !l.ours {
		l.Type, l.Cause = givenUp, "SQS moved it here: it was received too often without being stored"
		l.Note = deadletter.Note{Source: source, Position: aws.ToString(m.MessageId), Group: system(m, types.MessageSystemAttributeNameMessageGroupId),
			Attempts: 1, Named: l.Collection != ""}
		if !l.Sent.IsZero() {
			l.Note.Arrived = l.Sent.UnixMilli()
		}
		if text(m, "encoding") == message.Base64 {
			l.Note.Encoding = message.Base64
		}
	}
	if l.ID == "" {
		l.ID = l.Note.Position
	}
	return l
}

// Seen is when its source first took it in.
func (l Letter) Seen() time.Time {
	if l.Note.Arrived > 0 {
		return time.UnixMilli(l.Note.Arrived).UTC()
	}
	return l.Sent
}

func text(m types.Message, name string) string {
	return aws.ToString(m.MessageAttributes[name].StringValue)
}

func system(m types.Message, name types.MessageSystemAttributeName) string {
	return m.Attributes[string(name)]
}

func millis(digits string) time.Time {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// Filter chooses letters; a zero field lets all through.
type Filter struct {
	Type       string
	Collection string
	Before     time.Time // first seen before
}

func (f Filter) takes(l Letter) bool {
	return (f.Type == "" || strings.EqualFold(f.Type, l.Type)) && (f.Collection == "" || f.Collection == l.Collection) &&
		(f.Before.IsZero() || l.Seen().Before(f.Before))
}
