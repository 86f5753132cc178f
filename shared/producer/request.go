package producer

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/sluice-dev/sluice/shared/fault"
)

// requestFault is what a request that failed whole means for each of its messages. The
// SDK has tried again what it knows to be worth it.
func requestFault(err error) error {
	failure, answered := errors.AsType[smithy.APIError](err)
	if !answered {
		return fault.Wrap(fault.Unavailable, "the queue or stream cannot be reached: send the message again", err)
	}
	switch code := failure.ErrorCode(); {
	case strings.Contains(code, "Throttl"), strings.Contains(code, "ThroughputExceeded"), code == "RequestLimitExceeded", code == "LimitExceededException":
		return fault.Wrap(fault.Throttled, "too much at once: send the message again", err)
	case strings.Contains(code, "AccessDenied"), strings.Contains(code, "InvalidClientTokenId"), strings.Contains(code, "Signature"), strings.Contains(code, "ExpiredToken"):
		return fault.Wrap(fault.Forbidden, "no right to send: allow sqs:SendMessage or kinesis:PutRecords", err)
	case strings.Contains(code, "NonExistentQueue"), strings.Contains(code, "QueueDoesNotExist"), code == "ResourceNotFoundException":
		return fault.Wrap(fault.NotFound, "there is no such queue or stream", err)
	case failure.ErrorFault() == smithy.FaultClient:
		return fault.Wrap(fault.Invalid, "the queue or stream refuses the message", err)
	}
	return fault.Wrap(fault.Unavailable, "the queue or stream failed: send the message again", err)
}
