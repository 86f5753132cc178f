package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/object"
)

// objects reads from S3. Errors are the SDK's.
type objects interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// download is an object's bytes. A lost connection is made anew where it was lost, and
// only to the same content: its etag must be what it was.
type download struct {
	ctx     context.Context //nolint:containedctx // of one invocation, as the download is
	objects objects
	notice  object.Notice
	etag    string

	contentType string
	modified    time.Time
	body        io.ReadCloser
	at          int64
	lost        int // connections, one after the other, that brought nothing
}

// What becomes of an object that is not there as it was told of.
var (
	errGone     = errors.New("it has been deleted since")
	errReplaced = errors.New("it has been overwritten since, of which a notification of its own tells")
)

const maxLost = 4

// begin connects.
func (o *download) begin() error {
	in := &s3.GetObjectInput{Bucket: &o.notice.Bucket, Key: &o.notice.Key}
	if o.notice.Version != "" {
		in.VersionId = &o.notice.Version
	}
	if o.etag != "" {
		in.IfMatch = aws.String(`"` + o.etag + `"`)
	}
	if o.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", o.at))
	}
	out, err := o.objects.GetObject(o.ctx, in)
	if err != nil {
		return o.fault(err)
	}
	o.body, o.etag = out.Body, strings.Trim(aws.ToString(out.ETag), `"`)
	o.contentType, o.modified = aws.ToString(out.ContentType), aws.ToTime(out.LastModified).UTC()
	return nil
}

// Read reads on.
func (o *download) Read(p []byte) (int, error) {
	for {
		if o.body == nil {
			if err := o.begin(); err != nil {
				return 0, err
			}
		}
		n, err := o.body.Read(p)
		o.at += int64(n)
		if n > 0 {
			o.lost = 0
		}
		if err == nil || err == io.EOF {
			return n, err
		}
		o.close()
		if o.lost++; o.lost > maxLost || !pause(o.ctx, time.Duration(o.lost)*100*time.Millisecond) {
			return n, fault.Wrap(fault.Unavailable, "the connection to S3 was lost", err)
		}
		if n > 0 {
			return n, nil
		}
	}
}

// Seek goes to a place from the beginning.
func (o *download) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	o.close()
	o.at = offset
	return offset, nil
}

func (o *download) close() {
	if o != nil && o.body != nil {
		_ = o.body.Close()
		o.body = nil
	}
}

// fault tells what will never be readable from what may be, or has to be put right first.
func (o *download) fault(err error) error {
	reply, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok {
		return fault.Wrap(fault.Unavailable, "S3 does not answer", err)
	}
	code := ""
	if said, ok := errors.AsType[smithy.APIError](err); ok {
		code = said.ErrorCode()
	}
	where := "s3://" + o.notice.Bucket + "/" + o.notice.Key
	switch code {
	case "NoSuchKey", "NoSuchVersion", "NoSuchBucket", "MethodNotAllowed": // the last is a delete marker
		return errGone
	case "InvalidObjectState":
		return &object.Flaw{Type: "object_archived", Text: "it is archived: restore it, then move this message back"}
	}
	switch reply.HTTPStatusCode() {
	case http.StatusPreconditionFailed:
		return errReplaced
	case http.StatusRequestedRangeNotSatisfiable:
		return io.EOF
	case http.StatusForbidden, http.StatusBadRequest, http.StatusMovedPermanently, http.StatusNotFound:
		return fault.Wrap(fault.Forbidden, where+" may not be read: the bucket must be one of the parameter ObjectBucketArns, in this region, and its key one of ObjectKeyArns", err)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return fault.Wrap(fault.Throttled, "S3 throttles", err)
	}
	return fault.Wrap(fault.Unavailable, where+" cannot be read", err)
}
