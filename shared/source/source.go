// Package source reads rows of MySQL, MariaDB and PostgreSQL by GORM: those of ids that a
// search found, in portions, and those that conditions find, page by page. Rows become
// documents by the way that ingest goes, so that a row reads like its indexed document. It
// refuses names that are not of the collection's file (values are always parameters) and
// conditions it does not know, and it writes nothing. Called by functions/search where a
// collection has rows; linked under the tag rows alone.
package source

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/sluice-dev/sluice/shared/fault"
)

// Config says which database it is.
type Config struct {
	Driver    string // postgres or mysql
	DSN       string
	SecretARN string // of {"username", "password"}, which stand for those of the DSN; empty: those
}

// Secrets fetches a secret's text.
type Secrets interface {
	Secret(ctx context.Context, arn string) (string, error)
}

// Source is one database; safe for concurrent use.
type Source struct {
	config  Config
	secrets Secrets
	now     func() time.Time

	mu      sync.Mutex
	db      *gorm.DB
	reached bool      // it has answered since it was opened
	until   time.Time // it is not asked before
}

// Pause is how long a database that could not be reached is not asked again.
const Pause = 5 * time.Second

// New makes a Source; it asks the network for nothing. The error says what is wrong with
// the DSN, without it.
func New(c Config, secrets Secrets, now func() time.Time) (*Source, error) {
	s := &Source{config: c, secrets: secrets, now: now}
	_, err := s.connect(login{})
	return s, err
}

type login struct{ Username, Password string }

// connect opens a pool, which connects when it is first used.
func (s *Source) connect(who login) (*sql.DB, error) {
	switch s.config.Driver {
	case "postgres":
		c, err := pgx.ParseConfig(s.config.DSN)
		if err != nil {
			return nil, errors.New("ROWS_DSN is not a DSN of PostgreSQL's, such as postgres://user:password@host:5432/database?sslmode=require")
		}
		if who.Username != "" {
			c.User, c.Password = who.Username, who.Password
		}
		c.RuntimeParams["timezone"] = "UTC"
		c.BuildContextWatcherHandler = cancels
		return stdlib.OpenDB(*c), nil
	case "mysql":
		c, err := driver.ParseDSN(s.config.DSN)
		if err != nil {
			return nil, errors.New("ROWS_DSN is not a DSN of MySQL's, such as user:password@tcp(host:3306)/database?tls=true")
		}
		if who.Username != "" {
			c.User, c.Passwd = who.Username, who.Password
		}
		c.ParseTime, c.Loc = true, time.UTC
		if c.Params == nil {
			c.Params = map[string]string{}
		}
		c.Params["time_zone"] = "'+00:00'"
		connector, err := driver.NewConnector(c)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	}
	return nil, fmt.Errorf("%q is no driver: postgres or mysql", s.config.Driver)
}

// open is the database. Errors are faults.
func (s *Source) open(ctx context.Context) (*gorm.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now().Before(s.until) {
		return nil, fault.New(fault.Unavailable, "the database could not be reached a moment ago")
	}
	if s.db != nil {
		return s.db.WithContext(ctx), nil
	}
	db, err := s.login(ctx)
	if err != nil {
		s.until = s.now().Add(Pause)
		return nil, fault.Wrap(fault.Unavailable, "the database could not be opened", err)
	}
	s.db, s.reached = db, false
	return db.WithContext(ctx), nil
}

// login opens a pool, with the secret's login if there is one.
func (s *Source) login(ctx context.Context) (*gorm.DB, error) {
	var who login
	if s.config.SecretARN != "" {
		text, err := s.secrets.Secret(ctx, s.config.SecretARN)
		if err == nil && (json.Unmarshal([]byte(text), &who) != nil || who.Username == "") {
			err = fmt.Errorf(`secret %s is not {"username": ..., "password": ...}`, s.config.SecretARN)
		}
		if err != nil {
			return nil, err
		}
	}
	pool, err := s.connect(who)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(4)
	pool.SetMaxIdleConns(2)
	pool.SetConnMaxIdleTime(time.Minute)
	pool.SetConnMaxLifetime(15 * time.Minute)
	dialector := postgres.New(postgres.Config{Conn: pool})
	if s.config.Driver == "mysql" {
		dialector = mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true})
	}
	return gorm.Open(dialector, &gorm.Config{Logger: logger.Discard, DisableAutomaticPing: true, SkipDefaultTransaction: true})
}

// answered takes note of what came of a question, and makes a fault of an error. A
// database that cannot be reached is left alone for a while, and its login fetched anew;
// one that was only too slow for this question is not.
func (s *Source) answered(table string, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cause := failure{table, err}
	switch {
	case err == nil:
		s.reached = true
		return nil
	case refused(err):
		s.reached = true
		return fault.Wrap(fault.Invalid, "the database cannot answer this search", cause)
	case interrupted(err) && s.reached:
		return fault.Wrap(fault.Timeout, "the database did not answer in time", cause)
	}
	s.until = s.now().Add(Pause)
	if s.db != nil {
		if pool, _ := s.db.DB(); pool != nil {
			_ = pool.Close()
		}
		s.db = nil
	}
	return fault.Wrap(fault.Unavailable, "the database could not be read", cause)
}
