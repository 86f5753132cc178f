package producer

import (
	"encoding/base64"
	"fmt"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/message"
)

// maxRecord is the largest message or record that both services take, with what goes
// beside its body.
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html (a stream's default)
const maxRecord = message.Max

// text makes body one that SQS takes within so many bytes: as it is, in base64, or packed.
func text(body []byte, room int) (out []byte, encoding string) {
	if len(body) <= room && message.Sendable(body) {
		return body, ""
	}
	if base64.StdEncoding.EncodedLen(len(body)) > room {
		body = message.Gzip(body)
	}
	return base64.StdEncoding.AppendEncode(nil, body), message.Base64
}

func empty() error {
	return fault.New(fault.Invalid, "the message is empty: there is nothing to store")
}

func tooLarge(size int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("the message has %d bytes, packed too many for the queue or stream (%d): put large documents into S3", size, maxRecord))
}
