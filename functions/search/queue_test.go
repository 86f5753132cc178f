package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/shared/fault"
)

func messages(n, size int) []message {
	list := make([]message, n)
	for i := range list {
		list[i] = message{body: strings.Repeat("x", size), collection: "logs", id: "i"}
	}
	return list
}

func TestQueueSendsNoMoreThanTenMessagesAndOneMegabyteAtATime(t *testing.T) {
	for _, c := range []struct{ n, size, calls int }{{25, 10, 3}, {4, 400_000, 2}, {3, 1_048_500, 3}, {0, 0, 0}} {
		api := &memoryQueue{}
		for i, err := range (sqsQueue{api, "q"}).Send(t.Context(), messages(c.n, c.size)) {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		if api.calls != c.calls || len(api.sent) != c.n {
			t.Errorf("%d of %d bytes: %d calls, %d sent; want %d calls", c.n, c.size, api.calls, len(api.sent), c.calls)
		}
	}
}

func TestQueueSendsAgainOnlyWhatWasNotTaken(t *testing.T) {
	api := &memoryQueue{fail: func(call int, body string) *types.BatchResultErrorEntry {
		switch {
		case body == "busy" && call == 1:
			return &types.BatchResultErrorEntry{Code: aws.String("InternalError")}
		case body == "never":
			return &types.BatchResultErrorEntry{Code: aws.String("InternalError")}
		case body == "wrong":
			return &types.BatchResultErrorEntry{Code: aws.String("InvalidMessageContents"), SenderFault: true}
		}
		return nil
	}}
	var list []message
	for _, body := range []string{"fine", "busy", "wrong", "never"} {
		list = append(list, message{body: body})
	}
	fates := sqsQueue{api, "q"}.Send(t.Context(), list)
	if fates[0] != nil || fates[1] != nil || fault.KindOf(fates[2]) != fault.Invalid || fault.KindOf(fates[3]) != fault.Unavailable {
		t.Error(fates)
	}
	if len(api.sent) != 2 || api.calls != maxRounds {
		t.Errorf("%d sent in %d calls", len(api.sent), api.calls)
	}
}

func TestQueueUnreachableIsUnavailableForEachDocument(t *testing.T) {
	for _, err := range (sqsQueue{&memoryQueue{down: errors.New("refused")}, "q"}).Send(t.Context(), messages(12, 1)) {
		if fault.KindOf(err) != fault.Unavailable {
			t.Error(err)
		}
	}
}
