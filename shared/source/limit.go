package source

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// cancels has PostgreSQL told at once that nobody waits any more. Without it, that is left
// to a goroutine, which Lambda may freeze.
func cancels(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 500 * time.Millisecond}
}

// within has MySQL and MariaDB end a query when nobody waits for it any more: they do not
// notice that a connection is gone. Each takes its own limit, and the other's for a comment,
// as MariaDB does before 10.1.2, which knows none.
func (s *Source) within(ctx context.Context, tx *gorm.DB) *gorm.DB {
	deadline, ok := ctx.Deadline()
	if !ok || s.config.Driver != "mysql" {
		return tx
	}
	return tx.Clauses(timeLimit(max(time.Until(deadline), time.Millisecond)))
}

type timeLimit time.Duration

// Build is never called: a limit is a part of SELECT.
func (timeLimit) Build(clause.Builder) {}

// ModifyStatement writes the limit around the word SELECT.
func (l timeLimit) ModifyStatement(s *gorm.Statement) {
	name := s.Clauses["SELECT"]
	limit := time.Duration(l)
	name.BeforeExpression = clause.Expr{SQL: fmt.Sprintf("/*M!100102 SET STATEMENT max_statement_time=%.3f FOR */", limit.Seconds())}
	name.AfterNameExpression = clause.Expr{SQL: fmt.Sprintf("/*+ MAX_EXECUTION_TIME(%d) */", limit.Milliseconds())}
	s.Clauses["SELECT"] = name
}
