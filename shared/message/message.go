// Package message is what a message of the queue can carry, and what is done with a body
// that it cannot: the sizes, the characters that SQS allows, gzip, base64. Sender and
// receiver hold to the same. It refuses nothing itself: it says what would be refused.
// Called by shared/producer, and by ingest for dead letters.
package message

import (
	"bytes"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

const (
	// Max is SQS's limit in bytes, of a message with its attributes and of a batch of them.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
	Max = 1 << 20
	// MaxUnpacked bounds what a gzip body may grow to: a few kilobytes can claim to be
	// gigabytes.
	MaxUnpacked = 32 << 20
	// Base64 is what the attribute `encoding` says of a body that is base64.
	Base64 = "base64"
)

// Sendable says whether SQS takes body as it is: text of the characters it allows.
func Sendable(body []byte) bool {
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n < 2 || !Allowed(r) {
			return false
		}
		body = body[n:]
	}
	return true
}

// Allowed says whether SQS takes a character.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func Allowed(r rune) bool {
	return (r >= 0x20 || r == '\t' || r == '\n' || r == '\r') && r != 0xFFFE && r != 0xFFFF
}

// Gzip packs a body.
func Gzip(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}
