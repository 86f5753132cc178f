package producer

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"

	"github.com/sluice-dev/sluice/shared/fault"
)

// maxRecord is the largest message or record that both services take, with what goes
// beside its body.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html (a stream's default)
const maxRecord = 1 << 20

// maxUnpacked is what ingest unpacks at most.
const maxUnpacked = 32 << 20

const base64Encoding = "base64"

func gzipped(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

// sendable says whether SQS takes body as it is.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func sendable(body []byte) bool {
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n < 2 || r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		body = body[n:]
	}
	return true
}

// text makes body one that SQS takes within so many bytes: as it is, in base64, or packed.
func text(body []byte, room int) (out []byte, encoding string) {
	if len(body) <= room && sendable(body) {
		return body, ""
	}
	if base64.StdEncoding.EncodedLen(len(body)) > room {
		body = gzipped(body)
	}
	return base64.StdEncoding.AppendEncode(nil, body), base64Encoding
}

func empty() error {
	return fault.New(fault.Invalid, "the message is empty: there is nothing to store")
}

func tooLarge(size int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("the message has %d bytes, packed too many for the queue or stream (%d): put large documents into S3", size, maxRecord))
}
