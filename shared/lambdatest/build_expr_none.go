//go:build !expr

package lambdatest

const expr = ""
