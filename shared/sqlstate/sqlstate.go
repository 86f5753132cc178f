// Package sqlstate says of a database's error what may be logged: its class and code, or
// words in which neither a row's values nor what was searched for can be. It refuses to
// repeat a server's own words, which may quote both. Called by shared/source and
// shared/outbox.
package sqlstate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// bare are errors whose words are always the same.
var bare = []error{
	context.DeadlineExceeded, context.Canceled, driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone, io.EOF, io.ErrUnexpectedEOF,
	mysql.ErrInvalidConn, mysql.ErrNoTLS, mysql.ErrCleartextPassword, mysql.ErrNativePassword, mysql.ErrOldPassword, mysql.ErrUnknownPlugin, mysql.ErrPktTooLarge,
}

// Text is what may be logged of an error: its words where no value can be among them, else
// its kind.
func Text(err error) string {
	if refusal, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return fmt.Sprintf("%s (MySQL error %d, SQLSTATE %s)", class(string(refusal.SQLState[:])), refusal.Number, refusal.SQLState[:])
	}
	if code := Of(err); code != "" {
		return fmt.Sprintf("%s (SQLSTATE %s)", class(code), code)
	}
	for _, known := range bare {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	for _, of := range []func(error) string{
		words[*net.OpError], words[*net.DNSError], words[*tls.CertificateVerificationError], words[x509.HostnameError],
		words[*pgconn.ConnectError], // which has user, database and address, not the password
	} {
		if text := of(err); text != "" {
			return text
		}
	}
	return fmt.Sprintf("%T", innermost(err))
}

// words are those of an error of this type; empty: it is none.
func words[E error](err error) string {
	known, ok := errors.AsType[E](err)
	if !ok {
		return ""
	}
	return known.Error()
}

func innermost(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

// classes are the first two characters of SQLSTATE that operators can do something about.
var classes = map[string]string{
	"08": "connection", "22": "data exception", "23": "constraint", "28": "authorization", "3D": "no such database", "40": "rolled back",
	"42": "syntax or access rule", "53": "insufficient resources", "54": "limit exceeded", "55": "not in the required state", "57": "operator intervention", "58": "system",
}

func class(state string) string {
	if name := classes[state[:min(2, len(state))]]; name != "" {
		return name
	}
	return "refused"
}

// Of is PostgreSQL's code of an error; empty: it is none of the server's.
func Of(err error) string {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok || len(state.SQLState()) != 5 {
		return ""
	}
	return state.SQLState()
}
