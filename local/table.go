package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ordersTable is the table, and the collection of its items.
const ordersTable = "orders"

func (p *product) makeTable(ctx context.Context) error {
	if !p.cfg.tables() {
		return nil
	}
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
