package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/sluice-dev/sluice/shared/fault"
)

// signed signs by SigV4, each attempt anew and over the bytes that leave. A 403 that
// speaks of expiry is answered, once, with credentials fetched anew.
type signed struct {
	next    http.RoundTripper
	service string // es or aoss
	region  string
	now     func() time.Time
	cache   *aws.CredentialsCache
	signer  *v4.Signer
}

func newSigned(service string, deps Deps, next http.RoundTripper) *signed {
	cache, ok := deps.Credentials.(*aws.CredentialsCache)
	if !ok {
		cache = aws.NewCredentialsCache(deps.Credentials)
	}
	return &signed{next: next, service: service, region: deps.Region, now: deps.Now, cache: cache, signer: v4.NewSigner()}
}

func (s *signed) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := s.send(req)
	if err != nil || res.StatusCode != http.StatusForbidden || !expired(exchangeOf(req).reply) {
		return res, err
	}
	s.cache.Invalidate()
	return s.send(req)
}

func (s *signed) send(req *http.Request) (*http.Response, error) {
	keys, err := s.cache.Retrieve(req.Context())
	if err != nil {
		if req.Context().Err() != nil {
			return nil, req.Context().Err()
		}
		return nil, fault.Wrap(fault.Unavailable, "AWS credentials cannot be fetched", fmt.Errorf("%w: %w", errCredentials, err))
	}
	req, err = again(req)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(exchangeOf(req).payload)
	hash := hex.EncodeToString(sum[:])
	req.Header.Set("X-Amz-Content-Sha256", hash)
	if err := s.signer.SignHTTP(req.Context(), keys, req, hash, s.service, s.region, s.now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return s.next.RoundTrip(req)
}

func expired(r Reply) bool {
	head := bytes.ToLower(r.Body[:min(len(r.Body), 4096)])
	return bytes.Contains(head, []byte("expired")) && (bytes.Contains(head, []byte("token")) || bytes.Contains(head, []byte("signature")))
}
