package outbox

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
)

// act is one random write of an application. Errors, such as a deadlock or a duplicate
// key, are the database's to give.
func act(tx *gorm.DB, r *rand.Rand) error {
	id := 1 + r.Int64N(20)
	status := fmt.Sprint("s", r.IntN(5))
	switch r.IntN(9) {
	case 0, 1:
		return tx.Save(&Order{ID: id, Status: status, Total: fmt.Sprint(r.IntN(1000))}).Error
	case 2:
		return tx.Model(&Order{ID: id}).Update("total", gorm.Expr("total + 1")).Error
	case 3:
		return tx.Model(&Order{}).Where("status = ? AND id > ?", status, id).Update("status", fmt.Sprint("s", r.IntN(5))).Error
	case 4:
		return tx.Delete(&Order{ID: id}).Error
	case 5:
		return tx.Unscoped().Where("status = ? AND id < ?", status, 6).Delete(&Order{}).Error
	case 6:
		return tx.Unscoped().Model(&Order{}).Where("id = ?", id).Update("deleted_at", nil).Error
	case 7:
		return tx.Create(&Order{Status: status, Total: "1"}).Error
	}
	_ = tx.Transaction(func(inner *gorm.DB) error {
		if err := inner.Model(&Order{ID: id}).Update("status", "inner").Error; err != nil {
			return err
		}
		if r.IntN(2) == 0 {
			return errRolledBack
		}
		return nil
	})
	return nil
}

// Whatever transactions do at once, and whether they commit: of each row the entry with the
// highest id is the row. This is what versions rest on.
func TestTheHighestVersionOfEachRowIsTheRow(t *testing.T) {
	each(t, func(s shop) {
		seed := uint64(time.Now().UnixNano())
		s.Logf("seed %d", seed)
		var all errgroup.Group
		committed := make([]int, 6)
		for n := range committed {
			r := rand.New(rand.NewPCG(seed, uint64(n)))
			all.Go(func() error {
				for range 120 {
					err := s.DB.Session(&gorm.Session{NewDB: true}).Transaction(func(tx *gorm.DB) error {
						for range 1 + r.IntN(4) {
							if err := act(tx, r); err != nil {
								return err
							}
						}
						if r.IntN(4) == 0 {
							return errRolledBack
						}
						return nil
					})
					if err == nil {
						committed[n]++
					}
				}
				return nil
			})
		}
		s.must(all.Wait())
		sum := 0
		for _, n := range committed {
			sum += n
		}
		s.told()
		s.Logf("%d transactions committed, %d entries, %d rows", sum, len(s.entries()), len(s.rows()))
		if sum < 200 || len(s.entries()) < 200 {
			s.Error("too little happened")
		}
	})
}

// Where reads are repeatable, a plain read would show an update that leaves its row as it
// was the state of long ago; so would one without a lock.
func TestAnUpdateThatChangesNothingTellsTheNewestRow(t *testing.T) {
	each(t, func(s shop) {
		s.must(s.DB.Create(&Order{ID: 1, Status: "old", Total: "1"}).Error)
		s.must(s.DB.Transaction(func(tx *gorm.DB) error {
			var before Order
			s.must(tx.First(&before, 1).Error) // the snapshot
			s.must(s.DB.Session(&gorm.Session{NewDB: true}).Model(&Order{ID: 1}).UpdateColumns(map[string]any{"status": "new", "total": "9"}).Error)
			return tx.Model(&Order{}).Where("id = ?", 1).UpdateColumn("status", "new").Error
		}))
		if n := len(s.entries()); n != 3 {
			s.Errorf("%d entries, want 3", n)
		}
		s.told()
	})
}

// A row that comes to match between the look and the update is not changed: it could not
// be told.
func TestARowThatComesToMatchMeanwhileIsNotChangedUnseen(t *testing.T) {
	each(t, func(s shop) {
		s.must(s.DB.Create(&[]Order{{ID: 1, Status: "a", Total: "1"}, {ID: 2, Status: "b", Total: "1"}}).Error)
		between := false
		s.must(s.DB.Callback().Update().After("sluice:before_update").Before("gorm:update").Register("test:between", func(*gorm.DB) {
			if !between {
				between = true
				s.must(s.DB.Session(&gorm.Session{NewDB: true}).Model(&Order{ID: 2}).Update("status", "a").Error)
			}
		}))
		s.must(s.DB.Transaction(func(tx *gorm.DB) error {
			return tx.Model(&Order{}).Where("status = ?", "a").Update("total", "5").Error
		}, &sql.TxOptions{Isolation: sql.LevelReadCommitted}))
		if n := len(s.entries()); n != 4 || !between {
			s.Errorf("%d entries, want 4: %v", n, between)
		}
		s.told()
	})
}
