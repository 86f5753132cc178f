package part

import (
	"context"
	"errors"
)

const securityPlugin = "org.opensearch.security.OpenSearchSecurityPlugin"

func (p preparation) security(ctx context.Context, classpath, dir string, settings map[string]any) (string, error) {
	return "", errors.New("no")
}
