package chaos

import (
	"context"
	"sync"
	"sync/atomic"
)

// harm is what faults under way share.
type harm struct {
	lettersDown atomic.Bool
	crowding    context.CancelFunc
	neighbours  sync.WaitGroup
	frozen      []int
}
