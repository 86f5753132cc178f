//go:build !race

package main

// allowed allocations a document.
const allowed = 1
