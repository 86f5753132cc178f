package lambdatest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// invocation is one request on its way through an environment.
type invocation struct {
	id       string
	payload  []byte
	timeout  time.Duration
	started  time.Time
	deadline time.Time
	answer   chan reply // buffered: what /response or /error brought
}

// reply is what the runtime posted.
type reply struct {
	payload []byte
	failed  bool
}

func newInvocation(cfg Config, payload []byte) *invocation {
	return &invocation{id: newID(), payload: payload, timeout: cfg.Timeout, answer: make(chan reply, 1)}
}

// begin starts the clock: the cold start before it does not count.
func (c *invocation) begin() {
	c.started = time.Now()
	c.deadline = c.started.Add(c.timeout)
}

func (c *invocation) done(r reply) *Result {
	result := &Result{RequestID: c.id, Payload: r.payload}
	if !c.started.IsZero() {
		result.Duration = time.Since(c.started)
	}
	if r.failed {
		result.FunctionError = "Unhandled"
	}
	return result
}

// failed is the error that Lambda itself answers for a function that could not.
func (c *invocation) failed(kind, message string) *Result {
	return c.done(reply{payload: errorPayload(kind, "RequestId: "+c.id+" "+message), failed: true})
}

func (c *invocation) timedOut(after time.Duration) *Result {
	return c.failed("Sandbox.Timedout", fmt.Sprintf("Error: Task timed out after %.2f seconds", after.Seconds()))
}

func errorPayload(kind, message string) []byte {
	payload, err := json.Marshal(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{kind, message})
	if err != nil {
		panic(err) // two strings always encode
	}
	return payload
}

// newID is a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
