package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/gin-gonic/gin"

	"github.com/sluice-dev/sluice/shared/collection"
	"github.com/sluice-dev/sluice/shared/fault"
)

// of is the view of the request's caller: with tenants, of the caller's documents alone.
func (v view) of(c *gin.Context) (view, error) {
	if v.schema.Tenant == "" {
		return v, nil
	}
	event, _ := core.GetAPIGatewayV2ContextFromContext(c.Request.Context())
	if event.Authorizer == nil || event.Authorizer.JWT == nil && event.Authorizer.Lambda == nil {
		c.Header("WWW-Authenticate", "Bearer")
		return view{}, fault.New(fault.Unauthorized, v.Name+" shows each tenant its own documents, and nobody has said whose request this is: "+
			"send Authorization: Bearer with a token; the API must demand one (JwtIssuer and JwtAudiences of the stack)")
	}
	tenants, err := tenantsOf(event.Authorizer, v.Search.Tenant.Claim)
	v.schema.Tenants = tenants
	return v, err
}

// tenantsOf reads the claim from what API Gateway says of the caller. A JWT's claims arrive
// as text, a list as "[a b]", in which nobody can tell one tenant "a b" from two: such a
// claim is refused. The context of a Lambda authorizer has real lists.
func tenantsOf(authorizer *events.APIGatewayV2HTTPRequestContextAuthorizerDescription, claim string) ([]string, error) {
	var value any
	if authorizer.JWT != nil {
		value = authorizer.JWT.Claims[claim]
	} else {
		value = authorizer.Lambda[claim]
	}
	list, ok := value.([]any)
	if !ok && value != nil {
		list = []any{value}
	}
	var tenants []string
	for _, one := range list {
		tenant, ok := one.(string)
		if !ok || authorizer.JWT != nil && strings.HasPrefix(tenant, "[") {
			return nil, forbidden("the claim %s is not one text, so nobody can tell whose request this is", claim)
		}
		if tenant != "" {
			tenants = append(tenants, tenant)
		}
	}
	if len(tenants) == 0 || len(tenants) < len(list) {
		return nil, forbidden("the token has no claim %s, which says whose documents may be seen: ask who issues it", claim)
	}
	return tenants, nil
}

func forbidden(format string, args ...any) error {
	return fault.New(fault.Forbidden, fmt.Sprintf(format, args...))
}

// mayPost refuses documents whose ids are not their tenant's own: whoever knows an id could
// put another document in its place.
func (v view) mayPost() error {
	if v.schema.Tenant == "" || len(v.ID.Fields) == 0 || slices.Contains(v.ID.Fields, v.schema.Tenant) {
		return nil
	}
	return forbidden("%s takes no documents over HTTP: their ids (id.fields) do not hold the tenant (%s), so that one tenant's could replace another's", v.Name, v.schema.Tenant)
}

// tenantOf is whose a posted document is, or why it is not the caller's.
func (v view) tenantOf(item []byte) (tenant, reason string) {
	if v.schema.Tenant == "" {
		return "", ""
	}
	tenant, err := v.documents.Tenant(collection.Record{Attribute: v.Name}, item)
	switch flaw, ok := errors.AsType[*collection.Flaw](err); {
	case ok:
		return "", flaw.Text
	case err != nil:
		return "", "cannot be a document"
	case !slices.Contains(v.schema.Tenants, tenant):
		return "", fmt.Sprintf("its %s is not yours", v.schema.Tenant)
	}
	return tenant, ""
}
