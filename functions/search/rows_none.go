//go:build !rows

package main

import (
	"context"
	"fmt"
	"time"
)

// openTables refuses: GORM and its drivers double this function's size, so only those carry
// them who have a collection with rows.
func (s *server) openTables(_ interface {
	Secret(ctx context.Context, arn string) (string, error)
}, _ func() time.Time) error {
	for _, v := range s.collections {
		if v.Rows != nil {
			return fmt.Errorf("collection %s has rows, and this was built without them: build by make or sam build, which see that a collection has some, or with the tag rows", v.Name)
		}
	}
	return nil
}
