// Command outbox is a small application that uses GORM and Sluice's outbox: it takes
// orders, changes and deletes them, and relays what changed to the queue. It shows what
// docs/rows.md tells. Run it as often as you like, kill it whenever you like: what was
// committed reaches the index.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/sluice-dev/sluice/shared/outbox"
	"github.com/sluice-dev/sluice/shared/producer"
)

// Order is a row, and a document.
type Order struct {
	ID        int64  `gorm:"primaryKey"`
	Status    string `gorm:"size:20"`
	Total     string `gorm:"type:decimal(12,2)"`
	Note      *string
	UpdatedAt time.Time
	DeletedAt gorm.DeletedAt
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("outbox", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	driver := flag.String("driver", "postgres", "postgres or mysql")
	dsn := flag.String("dsn", "", "the database")
	queue := flag.String("queue", "", "URL of the ingest queue")
	relayOnly := flag.Bool("relay", false, "relay what is in the outbox, and end")
	flag.Parse()
	db, err := open(*driver, *dsn)
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	relay := outbox.NewRelay(db, producer.NewQueue(sqs.NewFromConfig(cfg), *queue, producer.Config{}), outbox.RelayConfig{Interval: 50 * time.Millisecond})
	if *relayOnly {
		for n := 1; n > 0 && err == nil; {
			n, err = relay.Once(ctx)
		}
		return err
	}
	go relay.Run(ctx)
	return work(ctx, db)
}

func open(driver, dsn string) (*gorm.DB, error) {
	dialector, schema := postgres.Open(dsn), "public"
	if driver == "mysql" {
		dialector, schema = mysql.Open(dsn), "shop"
	}
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		return nil, err
	}
	return db, errors.Join(db.AutoMigrate(&Order{}), outbox.Migrate(db),
		db.Use(outbox.New(outbox.Config{Models: []any{&Order{}}, Schema: schema})))
}

var errChanged = errors.New("the customer has thought better of it")

// work is several customers at once, until ctx ends.
func work(ctx context.Context, db *gorm.DB) error {
	var all errgroup.Group
	for range 4 {
		all.Go(func() error {
			for ctx.Err() == nil {
				// A deadlock or a duplicate key is rolled back, as the database says.
				_ = db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
					for range 1 + rand.N(3) {
						if err := change(tx); err != nil {
							return err
						}
					}
					if rand.N(4) == 0 {
						return errChanged
					}
					return nil
				})
			}
			return nil
		})
	}
	return all.Wait()
}

func change(tx *gorm.DB) error {
	id := 1 + rand.Int64N(300)
	note := fmt.Sprintf("ünd \"%d\" <b>&\n", rand.N(1000))
	switch rand.N(6) {
	case 0, 1:
		return tx.Save(&Order{ID: id, Status: "new", Total: fmt.Sprintf("%d.%02d", rand.N(100_000), rand.N(100)), Note: &note}).Error
	case 2:
		return tx.Model(&Order{ID: id}).Updates(map[string]any{"status": "paid", "note": nil}).Error
	case 3:
		return tx.Model(&Order{}).Where("status = ? AND id BETWEEN ? AND ?", "paid", id, id+5).Update("total", gorm.Expr("total + ?", 1)).Error
	case 4:
		return tx.Delete(&Order{ID: id}).Error
	}
	return tx.Unscoped().Where("id = ?", id).Delete(&Order{}).Error
}
