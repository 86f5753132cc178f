package client

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// SecretsManager is Secrets from AWS Secrets Manager. Making it asks nothing of the network.
func SecretsManager(cfg aws.Config) Secrets {
	return secretsManager{secretsmanager.NewFromConfig(cfg)}
}

type secretsManager struct{ api *secretsmanager.Client }

func (s secretsManager) Secret(ctx context.Context, arn string) (string, error) {
	out, err := s.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return "", err
	}
	if out.SecretString == nil {
		return "", errors.New("the secret is binary: it must be text")
	}
	return *out.SecretString, nil
}
