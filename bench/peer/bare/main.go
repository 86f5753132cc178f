// Command bare is the least that a function can be: aws-lambda-go, and nothing done with
// the payload. It is the floor of cold starts, and what the runtime itself costs.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

type handler struct{}

func (handler) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`{"batchItemFailures":[]}`), nil
}

func main() { lambda.StartWithOptions(handler{}) }
