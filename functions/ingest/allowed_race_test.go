//go:build race

package main

// allowed allocations a document: a sync.Pool forgets on purpose while races are looked for.
const allowed = 4
