//go:build !rows

package lambdatest

const rows = ""
