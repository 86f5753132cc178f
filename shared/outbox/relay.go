package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sluice-dev/sluice/shared/envelope"
	"github.com/sluice-dev/sluice/shared/fault"
	"github.com/sluice-dev/sluice/shared/producer"
	"github.com/sluice-dev/sluice/shared/sqlstate"
)

// Sender is a producer.Producer. Its errors are nil (taken), Invalid (never send it again
// as it is) or another fault.
type Sender interface {
	Send(ctx context.Context, messages []producer.Message) []error
}

// RelayConfig is how a relay sends.
type RelayConfig struct {
	// Most rows that one transaction reads, sends and deletes. Default 500.
	Batch int
	// How long to wait when nothing is there, or when the database or the queue failed.
	// Default 1s.
	Interval time.Duration
	// How long one batch may take to send. Default 30s.
	Timeout time.Duration
	// Logger is told of failures, never of what a row holds. Default: slog's.
	Logger *slog.Logger
}

// Relay sends what the outbox holds and deletes what the queue has taken. Any number may
// run at once, in the application's processes or beside them.
type Relay struct {
	db     *gorm.DB
	sender Sender
	config RelayConfig
}

// grace is for the database to learn what the queue has taken.
const grace = 10 * time.Second

// NewRelay makes a relay of a database, with or without the plugin.
func NewRelay(db *gorm.DB, sender Sender, c RelayConfig) *Relay {
	if c.Batch == 0 {
		c.Batch = 500
	}
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Relay{db, sender, c}
}

// Run relays until ctx ends. What it was sending then stays in the outbox unless the
// queue has taken it and the database knows.
func (r *Relay) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := r.Once(ctx)
		if err != nil && ctx.Err() == nil {
			r.config.Logger.ErrorContext(ctx, "outbox not relayed", "error", sqlstate.Text(err)) // the database's: the queue's are told in send
		}
		if err == nil && n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.config.Interval):
		}
	}
}

// Once relays one batch and says how many rows left the outbox. Rows that another relay
// is sending are passed over; so are those whose transaction has not ended, which come
// later: no row is skipped for its number.
func (r *Relay) Once(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout+grace)
	defer cancel()
	err = r.db.Session(&gorm.Session{NewDB: true, Context: ctx, SkipHooks: true}).Transaction(func(tx *gorm.DB) error {
		var entries []entry
		err := tx.Where("error IS NULL").Order("id").Limit(r.config.Batch).
			Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked}).Find(&entries).Error
		if err != nil || len(entries) == 0 {
			return err
		}
		n, err = r.send(ctx, tx, entries)
		return err
	}, &sql.TxOptions{Isolation: sql.LevelReadCommitted}) // repeatable reads would lock the gap that writers insert into
	if err != nil {
		return 0, err
	}
	return n, nil
}

// send deletes what was taken and marks what never will be.
func (r *Relay) send(ctx context.Context, tx *gorm.DB, entries []entry) (n int, err error) {
	var messages []producer.Message
	var sent []entry
	for _, e := range entries {
		m, err := e.message()
		if err != nil { // somebody has written into the table
			if err := r.never(ctx, tx, e, fault.Wrap(fault.Invalid, "its body is no JSON", err)); err != nil {
				return 0, err
			}
			continue
		}
		messages, sent = append(messages, m), append(sent, e)
	}
	limited, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	var taken []int64
	var failure error
	for i, err := range r.sender.Send(limited, messages) {
		switch {
		case err == nil:
			taken = append(taken, sent[i].ID)
		case fault.KindOf(err) == fault.Invalid:
			if err := r.never(ctx, tx, sent[i], err); err != nil {
				return 0, err
			}
		default:
			failure = err
		}
	}
	if len(taken) > 0 {
		if err := tx.Delete(&entry{}, taken).Error; err != nil {
			return 0, err
		}
	}
	if failure != nil {
		r.config.Logger.WarnContext(ctx, "changes stay in the outbox", "changes", len(entries)-len(taken), "error", failure)
		return 0, nil // wait before the next try
	}
	return len(entries), nil
}

// never marks a row that no queue will take, so that it is not tried again.
func (r *Relay) never(ctx context.Context, tx *gorm.DB, e entry, cause error) error {
	r.config.Logger.ErrorContext(ctx, "a change can never be sent", "id", e.ID, "source", e.Source, "error", cause)
	return tx.Model(&entry{ID: e.ID}).Update("error", fault.Message(cause)).Error
}

// message is a change message of Sluice's own. Its version is its place in the outbox.
func (e entry) message() (producer.Message, error) {
	at := e.CreatedAt.UTC()
	body, err := envelope.Change{Table: e.Source, Op: e.Op, Version: &e.ID, Time: &at, Row: json.RawMessage(e.Body)}.Body()
	return producer.Message{Body: body, Key: e.Source + e.RowKey}, err
}
