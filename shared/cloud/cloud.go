// Package cloud is AWS as Lambda's own environment tells a function of it: region,
// credentials, endpoint. It refuses nothing, asks no network, and knows none of the other
// places in which the SDK's LoadDefaultConfig looks (profiles, SSO, instance metadata):
// a function has none of them, and looking costs more than all else of a cold start. Retries
// and clocks are the SDK's defaults, whatever AWS_RETRY_MODE and the like say.
// Called by each function's run.
package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

// Config is what Lambda sets by itself, and a local run for it.
type Config struct {
	// Region is set by Lambda.
	Region string `env:"AWS_REGION"`
	// AccessKeyID of the function's role is set by Lambda. Empty: see AWS_CONTAINER_CREDENTIALS_FULL_URI.
	AccessKeyID string `env:"AWS_ACCESS_KEY_ID"`
	// SecretAccessKey belongs to AWS_ACCESS_KEY_ID.
	SecretAccessKey string `env:"AWS_SECRET_ACCESS_KEY"`
	// SessionToken belongs to AWS_ACCESS_KEY_ID.
	SessionToken string `env:"AWS_SESSION_TOKEN"`
	// CredentialsURI is where credentials that change are asked for, once they are needed. Set by Lambda in place of AWS_ACCESS_KEY_ID.
	CredentialsURI string `env:"AWS_CONTAINER_CREDENTIALS_FULL_URI"`
	// CredentialsToken is sent to AWS_CONTAINER_CREDENTIALS_FULL_URI.
	CredentialsToken string `env:"AWS_CONTAINER_AUTHORIZATION_TOKEN"`
	// Endpoint of every AWS service: for a local run. Empty: AWS's own.
	Endpoint string `env:"AWS_ENDPOINT_URL"`
	// S3Endpoint is that of S3 alone, where a local run has another for it. Empty: AWS_ENDPOINT_URL.
	S3Endpoint string `env:"AWS_ENDPOINT_URL_S3"`
	// FIPS: the FIPS endpoints of AWS's services. Default false.
	FIPS bool `env:"AWS_USE_FIPS_ENDPOINT"`
}

// AWS is the configuration for the SDK's clients.
func (c Config) AWS() aws.Config {
	cfg := aws.Config{
		Region: c.Region, Credentials: aws.NewCredentialsCache(c.provider()),
		// LoadDefaultConfig's own; without it, a bucket with Object Lock takes nothing.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if c.Endpoint != "" {
		cfg.BaseEndpoint = &c.Endpoint
	}
	if c.FIPS {
		cfg.ConfigSources = []any{fips{}}
	}
	return cfg
}

func (c Config) provider() aws.CredentialsProvider {
	if c.AccessKeyID == "" && c.CredentialsURI != "" {
		return endpointcreds.New(c.CredentialsURI, func(o *endpointcreds.Options) { o.AuthorizationToken = c.CredentialsToken })
	}
	return credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

// fips is how the SDK's clients ask a source of configuration.
type fips struct{}

// GetUseFIPSEndpoint is asked for by name.
func (fips) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return aws.FIPSEndpointStateEnabled, true, nil
}
