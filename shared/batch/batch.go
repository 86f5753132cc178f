// Package batch turns verdicts on records into an event source's partial batch
// answer. It knows order, not AWS: what it returns is the list of ids to report.
// It refuses to report an id that was not in the batch, or to return nil: a null
// list tells Lambda that everything succeeded.
package batch
