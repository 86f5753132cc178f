package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/sluice-dev/sluice/local/lambda"
)

// ordersTable is the table, and the collection of its items.
const ordersTable = "orders"

func (p *product) makeTable(ctx context.Context) error {
	name := ordersTable
	out, err := p.at.dynamodb().CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		return fmt.Errorf("make the table %s: %w", name, err)
	}
	p.at.Tables[name] = aws.ToString(out.TableDescription.LatestStreamArn)
	return nil
}

func (p *product) readTable(ctx context.Context) error {
	return lambda.Stream{
		Tables: p.at.tableStreams(), ARN: p.at.Tables[ordersTable], Function: p.table, BatchSize: 1000, Epoch: strconv.FormatInt(time.Now().Unix(), 10),
		Window: time.Second, ReportBatchItemFailures: true, BisectBatchOnFunctionError: true, MaximumRetryAttempts: -1,
	}.Run(ctx)
}
